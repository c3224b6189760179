import type { Corpus } from '#contract/corpus.ts'
import { problem } from '#contract/problem.ts'
import { openSafetensors, type Safetensors } from '../store/safetensors.ts'
import { checkUnchanged } from './documents.ts'
import type { Row } from './packing.ts'

const IDS_AT_ONCE = 1 << 16

/** The shape of a tensor of token ids. @throws Problem when it is not [rows, context] with something in it. */
export function tokenShape(opened: Safetensors, tensor: string): { rows: number; contextSize: number } {
  const { shape } = opened.entry(tensor)
  const [rows, contextSize] = shape
  if (shape.length !== 2 || rows === 0 || contextSize < 2)
    throw problem(
      'bad-file',
      opened.file,
      `"${tensor}" has shape [${shape.join(', ')}], rows of token ids [rows, context] are expected`,
      'Write the ids as one row per context.',
    )
  return { rows, contextSize }
}

/** Rows of ids made elsewhere, as they are, from a row on. Read in blocks. */
export async function* tokenRows(corpus: Corpus, from = 0): AsyncGenerator<Row, void, void> {
  checkUnchanged(corpus.files[0])
  const tensor = corpus.field ?? ''
  const opened = openSafetensors(corpus.files[0].path)
  const { rows, contextSize } = tokenShape(opened, tensor)
  const step = Math.max(1, Math.floor(IDS_AT_ONCE / contextSize))
  for (let start = from; start < rows; start += step) {
    const block = opened.readI32(tensor, start, Math.min(rows, start + step))
    for (let row = start; row * contextSize < start * contextSize + block.length; row++) {
      const at = (row - start) * contextSize
      yield {
        ids: block.slice(at, at + contextSize),
        end: { file: 0, at: row + 1, first: true, ids: 0 },
      }
    }
  }
}
