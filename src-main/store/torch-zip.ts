import { closeSync, openSync, readSync } from 'node:fs'
import { problem } from '#contract/problem.ts'
import { bf16ToF32, f16ToF32 } from './float16.ts'
import { PickleGlobal, PickleMade, unpickle, type PickleTable, type PickleValue } from './pickle.ts'
import { runsOf, sizeOf, type PlainValue, type TensorFile } from './tensor-file.ts'
import { openZip, type Zip, type ZipEntry } from './zip.ts'

// What torch.save writes since 1.6: a zip of data.pkl, which names tensors, and data/<key>, their storages. Read with the
// meaning of torch.load(weights_only=True): tensors and containers, nothing else.
// https://pytorch.org/docs/stable/notes/serialization.html

interface StorageType {
  bytes: number
  /** Bytes, aligned at 0 of their buffer, as float32. */
  convert(bytes: Uint8Array<ArrayBuffer>): Float32Array
}
const STORAGES: Readonly<Record<string, StorageType>> = {
  FloatStorage: { bytes: 4, convert: ({ buffer }) => new Float32Array(buffer) },
  DoubleStorage: { bytes: 8, convert: ({ buffer }) => Float32Array.from(new Float64Array(buffer)) },
  HalfStorage: { bytes: 2, convert: ({ buffer }) => f16ToF32(new Uint16Array(buffer)) },
  BFloat16Storage: { bytes: 2, convert: ({ buffer }) => bf16ToF32(new Uint16Array(buffer)) },
  LongStorage: { bytes: 8, convert: ({ buffer }) => Float32Array.from(new BigInt64Array(buffer), Number) },
  IntStorage: { bytes: 4, convert: ({ buffer }) => Float32Array.from(new Int32Array(buffer)) },
  ShortStorage: { bytes: 2, convert: ({ buffer }) => Float32Array.from(new Int16Array(buffer)) },
  CharStorage: { bytes: 1, convert: ({ buffer }) => Float32Array.from(new Int8Array(buffer)) },
  ByteStorage: { bytes: 1, convert: ({ buffer }) => Float32Array.from(new Uint8Array(buffer)) },
  BoolStorage: { bytes: 1, convert: ({ buffer }) => Float32Array.from(new Uint8Array(buffer)) },
}

class Storage extends PickleMade {
  readonly made = 'storage'
  readonly type: string
  readonly entry: ZipEntry
  /** Values in it. */
  readonly length: number
  constructor(type: string, entry: ZipEntry, length: number) {
    super()
    this.type = type
    this.entry = entry
    this.length = length
  }
}
class Tensor extends PickleMade {
  readonly made = 'tensor'
  readonly storage: Storage
  readonly offset: number
  readonly shape: number[]
  readonly stride: number[]
  constructor(storage: Storage, offset: number, shape: number[], stride: number[]) {
    super()
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.stride = stride
  }
}

/** An expanded tensor says more values than it stores; more than this many are refused. */
const MAX_EXPANDED = 1 << 20
const MAX_PICKLE = 64 << 20
const MAX_DEPTH = 16
const MAX_NAMES = 100_000

class TorchReader {
  readonly #zip: Zip
  readonly #prefix: string
  constructor(zip: Zip, prefix: string) {
    this.#zip = zip
    this.#prefix = prefix
  }

  #broken(what: string): never {
    throw problem(
      'bad-file',
      this.#zip.file,
      `it is not a file as torch.save writes it: ${what}`,
      'Download or export it again.',
    )
  }

  /** ('storage', type, key, location, length) */
  #storage(id: PickleValue): Storage {
    const [tag, type, key, , length] = Array.isArray(id) ? id : []
    if (tag !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string' || !isCount(length))
      return this.#broken('a storage is not described as one')
    const name = type.name.slice('torch.'.length)
    if (!Object.hasOwn(STORAGES, name)) return this.#broken(`a storage has type ${type.name}`)
    const entry = this.#zip.entry(`${this.#prefix}data/${key}`)
    if (entry.method !== 0 || length * STORAGES[name].bytes > entry.size)
      return this.#broken(`storage ${key} says ${length} values, its ${entry.size} bytes cannot hold them`)
    return new Storage(name, entry, length)
  }

  /** _rebuild_tensor_v2(storage, offset, shape, stride, …) */
  #tensor(args: PickleValue[]): Tensor {
    const [storage, offset, shape, stride] = args
    if (
      !(storage instanceof Storage) ||
      !isCount(offset) ||
      !isCounts(shape) ||
      !isCounts(stride) ||
      shape.length !== stride.length
    )
      return this.#broken('a tensor is not described as one')
    const values = sizeOf(shape)
    const last = values === 0 ? offset - 1 : shape.reduce((at, n, i) => at + (n - 1) * stride[i], offset)
    if (!Number.isSafeInteger(values) || !Number.isSafeInteger(last) || last >= storage.length)
      return this.#broken(
        `a tensor of shape [${shape.join(', ')}] reaches value ${last} of a storage of ${storage.length}`,
      )
    if (values > Math.max(storage.length, MAX_EXPANDED))
      return this.#broken(`a tensor of shape [${shape.join(', ')}] is stored as ${storage.length} values`)
    return new Tensor(storage, offset, shape, stride)
  }

  #table(): PickleTable {
    const first = (args: PickleValue[]): PickleValue => args[0] ?? null
    const tensor = (args: PickleValue[]): PickleValue => this.#tensor(args)
    const globals = new Map<string, PickleGlobal['call']>([
      ['collections.OrderedDict', (args) => this.#ordered(args)],
      ['torch._utils._rebuild_tensor', tensor],
      ['torch._utils._rebuild_tensor_v2', tensor],
      ['torch._utils._rebuild_parameter', first],
      ['torch._utils._rebuild_parameter_with_state', first],
      ['torch.Size', first],
      ['torch.device', (args) => args.map(String).join(':')],
      ['torch.serialization._get_layout', first],
    ])
    for (const name of Object.keys(STORAGES)) globals.set(`torch.${name}`, null)
    for (const name of DTYPES) globals.set(`torch.${name}`, null)
    return { globals, persistent: (id) => this.#storage(id) }
  }

  /** OrderedDict() or OrderedDict([[key, value], …]), as old Pythons wrote it. */
  #ordered([pairs]: PickleValue[]): PickleValue {
    const out = new Map<string, PickleValue>()
    if (pairs === undefined) return out
    if (!Array.isArray(pairs)) return this.#broken('an OrderedDict is made of what is not a list')
    for (const pair of pairs) {
      if (!Array.isArray(pair) || typeof pair[0] !== 'string')
        return this.#broken('a pair of an OrderedDict has no name')
      out.set(pair[0], pair[1])
    }
    return out
  }

  read(): PickleValue {
    const entry = this.#zip.entry(`${this.#prefix}data.pkl`)
    if (entry.size > MAX_PICKLE) return this.#broken(`its data.pkl has ${entry.size} bytes`)
    const order = this.#zip.entries.get(`${this.#prefix}byteorder`)
    if (order && new TextDecoder().decode(this.#zip.read(order)) === 'big')
      throw problem(
        'unsupported',
        this.#zip.file,
        'it was written on a big-endian machine',
        'Save it again on another.',
      )
    return unpickle(this.#zip.read(entry), this.#table(), this.#zip.file)
  }

  *rows(tensor: Tensor): Generator<Float32Array> {
    const { shape, stride, storage, offset } = tensor
    const width = sizeOf(shape.slice(1))
    const { bytes, convert } = STORAGES[storage.type]
    const values = (from: number, to: number): Float32Array =>
      convert(this.#zip.readRange(storage.entry, from * bytes, to * bytes))
    if (isContiguous(shape, stride)) {
      for (const [from, to] of runsOf(shape[0] ?? 1, width))
        yield values(offset + from * width, offset + to * width)
      return
    }
    const all = values(0, storage.length)
    for (const [from, to] of runsOf(shape[0], width)) {
      const out = new Float32Array((to - from) * width)
      for (let i = 0; i < out.length; i++) out[i] = all[offset + strided(from * width + i, shape, stride)]
      yield out
    }
  }
}

const DTYPES = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
] as const
const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isCounts = (value: PickleValue | undefined): value is number[] =>
  Array.isArray(value) && value.every(isCount)

function isContiguous(shape: number[], stride: number[]): boolean {
  let expected = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== expected) return false
    expected *= shape[i]
  }
  return true
}

/** Where the i-th value of a tensor is in its storage. */
function strided(i: number, shape: number[], stride: number[]): number {
  let at = 0
  for (let d = shape.length - 1; d >= 0; d--) {
    at += (i % shape[d]) * stride[d]
    i = Math.floor(i / shape[d])
  }
  return at
}

/** Names of tensors and plain values, the levels of nested dicts joined by dots. A container met twice counts once. */
function flatten(root: PickleValue): { tensors: Map<string, Tensor>; values: Map<string, PlainValue> } {
  const tensors = new Map<string, Tensor>()
  const values = new Map<string, PlainValue>()
  const seen = new Set<PickleValue>()
  const visit = (value: PickleValue, name: string, depth: number): void => {
    if (tensors.size + values.size >= MAX_NAMES) return
    if (value instanceof Tensor) tensors.set(name, value)
    else if (value instanceof Map || Array.isArray(value)) {
      if (depth === MAX_DEPTH || seen.has(value)) return
      seen.add(value)
      for (const [key, inner] of value.entries())
        visit(inner, name ? `${name}.${key}` : String(key), depth + 1)
    } else if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    )
      values.set(name, value)
  }
  visit(root, '', 0)
  return { tensors, values }
}

/** Before 1.6, torch.save wrote pickles one after the other; a pickle begins with its protocol. */
function refuseBarePickle(file: string): void {
  const fd = openSync(file, 'r')
  const head = new Uint8Array(2)
  const n = readSync(fd, head, 0, 2, 0)
  closeSync(fd)
  if (n === 2 && head[0] === 0x80 && head[1] <= 5)
    throw problem(
      'unsupported',
      file,
      'it is a bare pickle, as written by torch before 1.6 or by pickle.dump',
      'Load it where you trust it and save its tensors again with torch.save or safetensors.',
    )
}

/**
 * Opens a .pt file as a file of tensors: its pickle only, no storage. Numbers and texts beside the tensors are `values`.
 * @throws Problem bad-file for what is broken; unsupported, by name, for anything but tensors and containers.
 */
export function openTorchZip(file: string): TensorFile {
  refuseBarePickle(file)
  const zip = openZip(file)
  const pickle = [...zip.entries.keys()].find((name) => name === 'data.pkl' || name.endsWith('/data.pkl'))
  if (pickle === undefined)
    throw problem(
      'bad-file',
      file,
      'the archive has no data.pkl: torch.save did not write it',
      'Choose a .pt file.',
    )
  const reader = new TorchReader(zip, pickle.slice(0, -'data.pkl'.length))
  const { tensors, values } = flatten(reader.read())
  return {
    file,
    tensors: new Map([...tensors].map(([name, t]) => [name, { dtype: t.storage.type, shape: t.shape }])),
    values,
    *rows(name) {
      const tensor = tensors.get(name)
      if (!tensor) throw problem('bad-file', file, `it has no tensor "${name}"`)
      yield* reader.rows(tensor)
    },
  }
}
