import type { Safetensors } from './safetensors.ts'

export interface TensorShape {
  /** As its file spells it: "F32", "float32", "<f4". */
  dtype: string
  shape: readonly number[]
}

/** A number or text that stands beside tensors in a file. */
export type PlainValue = string | number | boolean | null

/**
 * A file of named tensors whose header has been read and checked, and nothing else: what safetensors, npz and
 * torch zips have in common. Readers of SAE formats know tensors by name and shape, not by kind of file.
 */
export interface TensorFile {
  readonly file: string
  /** True where only the header is at hand (a file on the hub that has not been downloaded): no values can be read. */
  readonly headerOnly?: boolean
  readonly tensors: ReadonlyMap<string, TensorShape>
  /** What stands beside the tensors: numbers and texts of a .pt, the metadata of a safetensors file. */
  readonly values: ReadonlyMap<string, PlainValue>
  /**
   * The values of a tensor as float32, in order, in runs of whole rows of its first dimension.
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

/** The one value of a tensor; undefined when there is no such tensor of one value, or its values are not at hand. */
export function scalarOf(from: TensorFile, name: string): number | undefined {
  const tensor = from.tensors.get(name)
  return tensor && sizeOf(tensor.shape) === 1 && !from.headerOnly ? readTensor(from, name)[0] : undefined
}

/** A safetensors file seen as a TensorFile. */
export const fromSafetensors = (opened: Safetensors): TensorFile => ({
  file: opened.file,
  tensors: opened.tensors,
  values: new Map(Object.entries(opened.metadata)),
  *rows(name) {
    const { shape, dtype } = opened.entry(name)
    const isFloat = dtype.startsWith('F') || dtype === 'BF16'
    const read = (from?: number, to?: number): Float32Array =>
      isFloat ? opened.readF32(name, from, to) : Float32Array.from(opened.readI32(name, from, to))
    if (shape.length === 0) return yield read()
    for (const [from, to] of runsOf(shape[0], sizeOf(shape.slice(1)))) yield read(from, to)
  },
})
