import type { LogitLens } from '#contract/feature.ts'
import type { Family } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'

/** What the logit lens needs of a model. */
export interface Unembedding {
  /** [vocab, dModel] */
  WU: Float32Array
  /** [dModel] */
  finalNormScale: Float32Array
}

const HISTOGRAM_BINS = 50

/** LayerNorm takes the mean out before it scales, RMSNorm does not. */
const centres = (family: Family): boolean => family !== 'llama'

/**
 * What a decoder direction w adds to the logits, per unit of activation and of final norm: W_U (scale ⊙ w), with w
 * centred first where the final norm is a LayerNorm (its mean never reaches the unembedding). [vocab]
 */
export function directLogits(
  direction: Float32Array,
  { WU, finalNormScale }: Unembedding,
  family: Family,
): Float32Array {
  const d = direction.length
  if (finalNormScale.length !== d)
    throw problem(
      'unsupported',
      'logit lens',
      `this SAE reads activations of width ${d}, the residual stream has ${finalNormScale.length}`,
      'It needs an SAE on the residual stream.',
    )
  const mean = centres(family) ? direction.reduce((sum, v) => sum + v, 0) / d : 0
  const scaled = Float64Array.from(direction, (v, i) => (v - mean) * finalNormScale[i])
  const logits = new Float32Array(WU.length / d)
  for (let id = 0; id < logits.length; id++) {
    let sum = 0
    for (let i = 0, at = id * d; i < d; i++, at++) sum += scaled[i] * WU[at]
    logits[id] = sum
  }
  return logits
}

/** The tokens whose logits are raised and lowered most, and how all of them are spread. */
export function logitLens(
  logits: Float32Array,
  token: (id: number) => string,
  count: number,
  family: Family,
): LogitLens {
  const order = Uint32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b)
  const named = (id: number): LogitLens['promoted'][number] => ({ token: token(id), id, logit: logits[id] })
  const to = logits[order[0]]
  const from = logits[order[order.length - 1]]
  const histogram = new Uint32Array(HISTOGRAM_BINS)
  const width = to > from ? to - from : 1
  for (const logit of logits)
    histogram[Math.min(HISTOGRAM_BINS - 1, Math.floor(((logit - from) / width) * HISTOGRAM_BINS))]++
  return {
    promoted: Array.from(order.subarray(0, count), named),
    suppressed: Array.from(order.subarray(-count), named).reverse(),
    histogram,
    from,
    to,
    how: `decoder direction, ${centres(family) ? 'centred and ' : ''}scaled by the final norm, times the unembedding`,
  }
}
