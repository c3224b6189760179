import type { Architecture } from '#contract/sae.ts'
import type { SaeWeights } from '../../../../src-main/sae/weights.ts'

/** A small random generator with a seed: mulberry32. Values in [−1, 1). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}

/** An SAE of a kind with random numbers: 5 inputs, 7 features unless told otherwise. */
export function sampleSae(architecture: Architecture, seed = 1, dIn = 5, dSae = 7): SaeWeights {
  const random = seeded(seed)
  const values = (n: number): Float32Array => Float32Array.from({ length: n }, random)
  const decoder = values(dSae * dIn)
  const base: SaeWeights = {
    architecture,
    dIn,
    dSae,
    encoder: architecture === 'tied' ? decoder.slice() : values(dSae * dIn),
    bEnc: values(dSae),
    decoder,
    bDec: architecture === 'tied' ? new Float32Array(dIn) : values(dIn),
    appliesBDecToInput: architecture !== 'tied',
    normalizeActivations: 'none',
  }
  switch (architecture) {
    case 'tied':
    case 'standard':
      return base
    case 'topk':
      return { ...base, k: 3 }
    case 'jumprelu':
      return { ...base, threshold: values(dSae).map(Math.abs) }
    case 'batchtopk':
      return { ...base, k: 3, threshold: new Float32Array(dSae).fill(0.25) }
    case 'matryoshka':
      return { ...base, k: 3, threshold: new Float32Array(dSae).fill(0.25), prefixes: [2, 4, dSae] }
    case 'gated':
      return { ...base, rMag: values(dSae), bMag: values(dSae) }
  }
}

export const ARCHITECTURES: readonly Architecture[] = [
  'tied',
  'standard',
  'topk',
  'batchtopk',
  'jumprelu',
  'gated',
  'matryoshka',
]

export const sampleInputs = (rows: number, dIn = 5, seed = 99): Float32Array => {
  const random = seeded(seed)
  return Float32Array.from({ length: rows * dIn }, () => random() * 2)
}
