import type { Safetensors } from './safetensors.ts'

export interface TensorShape {
  /** As its file spells it: "F32", "float32", "<f4". */
  dtype: string
  shape: readonly number[]
}

/**
 * A file of named tensors whose header has been read and checked, and nothing else: what safetensors, npz and
 * torch zips have in common. Readers of SAE formats know tensors by name and shape, not by kind of file.
 */
export interface TensorFile {
  readonly file: string
  readonly tensors: ReadonlyMap<string, TensorShape>
  /**
   * The values of a floating-point tensor as float32, in order, in runs of whole rows of its first dimension.
   * A run may be reused by the next one. @throws Problem bad-file when the bytes are not there.
   */
  rows(name: string): Iterable<Float32Array>
}

/** Values in a run: large enough to read fast, small enough not to matter. */
const RUN = 1 << 20

/** Cuts a first dimension of `rows` rows of `width` values into runs [from, to). */
export function* runsOf(rows: number, width: number): Generator<[from: number, to: number]> {
  const step = Math.max(1, Math.floor(RUN / Math.max(1, width)))
  for (let from = 0; from < rows; from += step) yield [from, Math.min(rows, from + step)]
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1)

/** All values of a tensor in one array. */
export function readTensor(from: TensorFile, name: string): Float32Array<ArrayBuffer> {
  const out = new Float32Array(sizeOf(from.tensors.get(name)?.shape ?? [0]))
  let at = 0
  for (const run of from.rows(name)) {
    out.set(run, at)
    at += run.length
  }
  return out
}

/** A safetensors file seen as a TensorFile. */
export const fromSafetensors = (opened: Safetensors): TensorFile => ({
  file: opened.file,
  tensors: opened.tensors,
  *rows(name) {
    const { shape } = opened.entry(name)
    if (shape.length === 0) return yield opened.readF32(name)
    for (const [from, to] of runsOf(shape[0], sizeOf(shape.slice(1)))) yield opened.readF32(name, from, to)
  },
})
