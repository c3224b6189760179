import type { IndexPart, IndexSettings } from '#contract/feature-index.ts'
import type { ActivationReader } from '../activations/reader.ts'
import type { Encoder } from '../backends/cpu/encoder.ts'
import { ABOVE_NORM, AT_POSITION_0, COUNTED, type IndexWriter } from './index-writer.ts'
import { rowNorm } from './token-norms.ts'

/** Pre-activations of a batch, batch · dSae float32, stay below this. */
const BATCH_BYTES = 64 << 20

/** Tokens encoded at once. Depends on the width alone, so that a resumed job computes what an uninterrupted one does. */
export const batchTokens = (dSae: number): number =>
  Math.max(16, Math.min(4096, Math.floor(BATCH_BYTES / 4 / dSae)))

/** Rows of one token have no position to speak of. */
export const isPosition0 = (token: number, contextSize: number, settings: IndexSettings): boolean =>
  settings.skipPosition0 && contextSize > 1 && token % contextSize === 0

export interface PartWork {
  writer: IndexWriter
  encoder: Encoder
  reader: ActivationReader
  part: IndexPart
  settings: IndexSettings
  dSae: number
  /** The index's number of the part's first token. */
  firstToken: number
}

/** Encodes what is left of a part into the writer; `afterBatch` may commit, report and throw to stop. */
export async function encodePart(work: PartWork, afterBatch: () => void): Promise<void> {
  const { writer, encoder, reader, part, firstToken, dSae } = work
  const { dIn } = reader.set
  const batch = batchTokens(dSae)
  const buffer = new Float32Array(batch * dIn)
  while (writer.nextToken < firstToken + part.tokens) {
    const from = writer.nextToken - firstToken
    // A batch ends where it would have if the work had never been interrupted.
    const rows = Math.min(batch - (from % batch), part.tokens - from)
    const x = reader.read(from, rows, buffer.subarray(0, rows * dIn))
    writer.add(await encoder.encode(x, rows), whyLeftOut(work, x, from, rows))
    afterBatch()
  }
}

/** [rows] COUNTED, AT_POSITION_0 or ABOVE_NORM for tokens [from, from + rows) of a part. */
function whyLeftOut(
  { reader, part, settings }: PartWork,
  x: Float32Array,
  from: number,
  rows: number,
): Uint8Array {
  const { contextSize, dIn } = reader.set
  const why = new Uint8Array(rows).fill(COUNTED)
  for (let row = 0; row < rows; row++)
    if (isPosition0(from + row, contextSize, settings)) why[row] = AT_POSITION_0
    else if (part.normLimit !== null && rowNorm(x, row, dIn) > part.normLimit) why[row] = ABOVE_NORM
  return why
}
