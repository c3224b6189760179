import { sizeOf } from './tensor-file.ts'
import { textPart, writeZip, type ZipPart } from './zip-writer.ts'

/** A tensor of a state_dict: float32 or int32, its values in C order. */
export interface TorchTensor {
  dtype: 'float32' | 'int32'
  shape: readonly number[]
  pieces(): Iterable<ArrayBufferView>
}

const STORAGE = { float32: 'FloatStorage', int32: 'IntStorage' } as const

/** Pickle opcodes, protocol 2, as bytes. */
const latin = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const u32 = (value: number): Uint8Array => {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}
const text = (value: string): Uint8Array[] => {
  const bytes = new TextEncoder().encode(value)
  return [latin('X'), u32(bytes.length), bytes]
}
const integer = (value: number): Uint8Array[] => [latin('J'), u32(value)]
const tuple = (values: readonly number[]): Uint8Array[] => [
  latin('('),
  ...values.flatMap(integer),
  latin('t'),
]
const ORDERED_DICT = latin('ccollections\nOrderedDict\n)R')

function tensor({ dtype, shape }: TorchTensor, key: number): Uint8Array[] {
  const stride = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  return [
    latin('ctorch._utils\n_rebuild_tensor_v2\n(('),
    ...text('storage'),
    latin(`ctorch\n${STORAGE[dtype]}\n`),
    ...text(String(key)),
    ...text('cpu'),
    ...integer(sizeOf(shape)),
    latin('tQ'),
    ...integer(0),
    ...tuple(shape),
    ...tuple(stride),
    latin('\x89'),
    ORDERED_DICT,
    latin('tR'),
  ]
}

/** Writes a state_dict as torch.save does (zip format), so that torch.load(weights_only=True) reads it. */
export function writeTorchZip(file: string, tensors: Readonly<Record<string, TorchTensor>>): void {
  const entries = Object.entries(tensors)
  const pickle = [
    latin('\x80\x02'),
    ORDERED_DICT,
    latin('('),
    ...entries.flatMap(([name, each], key) => [...text(name), ...tensor(each, key)]),
    latin('u.'),
  ]
  const storages = entries.map(([, each], key): ZipPart => ({
    name: `archive/data/${key}`,
    bytes: 4 * sizeOf(each.shape),
    pieces: () => each.pieces(),
  }))
  writeZip(file, [
    textPart('archive/data.pkl', Buffer.concat(pickle)),
    textPart('archive/byteorder', 'little'),
    ...storages,
    textPart('archive/version', '3\n'),
  ])
}
