import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { problem } from '#contract/problem.ts'
import { NPY_ARRAY, openNpy } from '../store/npz.ts'
import { openSafetensors, type Safetensors } from '../store/safetensors.ts'
import { fromSafetensors, runsOf, sizeOf, type TensorFile } from '../store/tensor-file.ts'

/** A tensor of a file made elsewhere: its shape is known, its values are read as they are asked for. */
export interface ForeignTensor<T> {
  /** The file and the tensor's name, for messages. */
  subject: string
  shape: readonly number[]
  /** In order, in runs of whole rows of the first dimension. */
  runs(): Iterable<T>
}

const isNpy = (file: string): boolean => extname(file).toLowerCase() === '.npy'

function mustExist(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw problem('not-found', file, 'there is no such file', 'Check the path.')
}

/** The one tensor with two or three dimensions of floating-point numbers. @throws Problem where there is a choice. */
function onlyMatrix({ file, tensors }: Safetensors): string {
  const names = [...tensors]
    .filter(([, { dtype, shape }]) => /^B?F\d+$/.test(dtype) && shape.length > 1)
    .map(([name]) => name)
  if (names.length === 1) return names[0]
  throw problem(
    'bad-input',
    file,
    names.length === 0 ? 'it has no tensor of activations [T, d]' : `it has the tensors ${names.join(', ')}`,
    names.length === 0 ? 'Choose another file.' : 'Say which holds the activations.',
  )
}

function floatTensor(from: TensorFile, name: string): ForeignTensor<Float32Array> {
  const { shape, dtype } = from.tensors.get(name) ?? { shape: [], dtype: '' }
  if (!/F\d+$|[<=]f\d/.test(dtype))
    throw problem(
      'bad-file',
      `${from.file} (${name})`,
      `it has type ${dtype}, floating-point numbers are expected`,
    )
  return { subject: `${from.file} (${name})`, shape, runs: () => from.rows(name) }
}

/** The activations in a safetensors or .npy file. */
export function openForeignActivations(
  file: string,
  tensor: string | undefined,
): ForeignTensor<Float32Array> {
  mustExist(file)
  if (isNpy(file)) return floatTensor(openNpy(file), NPY_ARRAY)
  const opened = openSafetensors(file)
  const name = tensor ?? onlyMatrix(opened)
  opened.entry(name)
  return floatTensor(fromSafetensors(opened), name)
}

/** Whole numbers; a .npy gives its integers as floats, which hold ids below 2^24 exactly. */
function wholeNumbers(values: Float32Array, subject: string): Int32Array {
  const bad = values.findIndex((v) => !Number.isInteger(v) || Math.abs(v) > 2 ** 24)
  if (bad >= 0) throw problem('bad-file', subject, `it holds ${values[bad]}, which is no token id`)
  return Int32Array.from(values)
}

/** Token ids in a tensor of a safetensors file, or in a .npy. */
export function openForeignIds(file: string, tensor: string | undefined): ForeignTensor<Int32Array> {
  mustExist(file)
  if (isNpy(file)) {
    const opened = openNpy(file)
    return {
      subject: file,
      shape: opened.tensors.get(NPY_ARRAY)?.shape ?? [],
      *runs() {
        for (const values of opened.rows(NPY_ARRAY)) yield wholeNumbers(values, file)
      },
    }
  }
  const opened = openSafetensors(file)
  const name = tensor ?? 'ids'
  const { shape } = opened.entry(name)
  if (shape.length > 0 && shape[0] > 0) opened.readI32(name, 0, 1) // says at once when it holds no integers
  return {
    subject: `${file} (${name})`,
    shape,
    *runs() {
      for (const [from, to] of runsOf(shape[0], sizeOf(shape.slice(1)))) yield opened.readI32(name, from, to)
    },
  }
}
