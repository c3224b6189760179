import type { FoundSae } from '#contract/sae.ts'

/** Bytes of a number, by the last digits of its type's name: F32, float16, BF16, f64 … */
const bytesEach = (dtype: string): number => (Number(/(\d+)$/.exec(dtype)?.[1]) || 32) / 8

/** Bytes of an SAE's tensors: what comes over the network when it is imported from the hub. */
export const saeBytes = ({ tensors }: FoundSae): number =>
  tensors.reduce((sum, { dtype, shape }) => sum + bytesEach(dtype) * shape.reduce((a, b) => a * b, 1), 0)
