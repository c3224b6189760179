import type { RunSettings } from '#contract/training.ts'
import { START, type BatchSource } from './batch-source.ts'
import { geometricMedian, meanRow } from './centre.ts'
import { expectedAverageFactor, normaliseRows } from './input-scale.ts'

/** What is measured on the first tokens of a run before its first step. */
export interface StartPoint {
  /** Activations are multiplied by this (expected_average_only_in), else 1. */
  inputFactor: number
  /** [d] where b_dec starts, for normalised inputs. */
  bDec: Float32Array
}

const SAMPLE_TOKENS = 16_384
const SAMPLE_BYTES = 64 << 20

/** Measures scale and centre on the first batches. */
export async function measureStart(source: BatchSource, settings: RunSettings): Promise<StartPoint> {
  const { normalisation, centre } = settings
  const d = source.dIn
  const x = await sample(source, Math.min(SAMPLE_TOKENS, Math.ceil(SAMPLE_BYTES / (4 * d))))
  const inputFactor = normalisation === 'expected_average_only_in' ? expectedAverageFactor(x, d) : 1
  normaliseRows(x, d, normalisation, inputFactor)
  if (centre === 'zero') return { inputFactor, bDec: new Float32Array(d) }
  return { inputFactor, bDec: Float32Array.from(centre === 'mean' ? meanRow(x, d) : geometricMedian(x, d)) }
}

/** The first `tokens` tokens that training will see. */
async function sample(source: BatchSource, tokens: number): Promise<Float32Array> {
  const out = new Float32Array(tokens * source.dIn)
  let filled = 0
  for await (const { x } of source.batches(START)) {
    const part = x.subarray(0, Math.min(x.length, out.length - filled))
    out.set(part, filled)
    filled += part.length
    if (filled === out.length) break
  }
  return out
}
