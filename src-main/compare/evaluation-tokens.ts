import type { EvaluationRequest } from '#contract/evaluation.ts'
import type { ActivationReader } from '../activations/reader.ts'

export interface EvaluationBatch {
  /** [rows, d] activations of tokens that count; overwritten by the next batch. */
  x: Float32Array
  rows: number
  /** [rows] the number of each token in its activation set. */
  token: Int32Array
}

type Rows = Pick<ActivationReader['set'], 'tokens' | 'contextSize' | 'rows' | 'hasTokens'>
type Tokens = Pick<ActivationReader, 'read'> & { set: Rows & Pick<ActivationReader['set'], 'dIn'> }

/**
 * True where leaving position 0 out leaves anything out. Activations that came without rows (one long row, no token ids)
 * have no position 0 that is known.
 */
export const skipsPosition0 = (
  { contextSize, rows, hasTokens }: Rows,
  request: Pick<EvaluationRequest, 'skipPosition0'>,
): boolean => request.skipPosition0 && contextSize > 1 && (rows > 1 || hasTokens)

/** How many tokens count: of the set, at most as many as asked for. */
export function countedTokens(
  set: Rows,
  request: Pick<EvaluationRequest, 'tokens' | 'skipPosition0'>,
): number {
  const leftOut = skipsPosition0(set, request) ? Math.ceil(set.tokens / set.contextSize) : 0
  return Math.min(request.tokens, set.tokens - leftOut)
}

/**
 * The tokens that count, in order, in batches. The same request gives the same batches, so that work over them can go
 * on where it was: `fromBatch` batches are passed over without being read.
 */
export function* evaluationBatches(
  reader: Tokens,
  request: Pick<EvaluationRequest, 'tokens' | 'skipPosition0'>,
  batchTokens: number,
  fromBatch = 0,
): Generator<EvaluationBatch, void, void> {
  const { set } = reader
  const { dIn, contextSize } = set
  const skips = skipsPosition0(set, request)
  const x = new Float32Array(batchTokens * dIn)
  const token = new Int32Array(batchTokens)
  let counted = 0
  for (let from = 0, batch = 0; from < set.tokens && counted < request.tokens; from += batchTokens, batch++) {
    const read = Math.min(batchTokens, set.tokens - from)
    let rows = 0
    for (let t = from; t < from + read && counted + rows < request.tokens; t++)
      if (!skips || t % contextSize !== 0) token[rows++] = t
    counted += rows
    if (batch < fromBatch || rows === 0) continue
    reader.read(from, read, x.subarray(0, read * dIn))
    for (let row = 0; row < rows; row++) {
      const at = token[row] - from
      if (at !== row) x.copyWithin(row * dIn, at * dIn, (at + 1) * dIn)
    }
    yield { x: x.subarray(0, rows * dIn), rows, token: token.subarray(0, rows) }
  }
}
