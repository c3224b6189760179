import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { f32ToF16 } from '../../../src-main/store/float16.ts'
import { f32Tensor, openSafetensors, writeSafetensors } from '../../../src-main/store/safetensors.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'suture-safetensors-'))
  file = join(folder, 'a.safetensors')
})
afterEach(() => rmSync(folder, { recursive: true }))

const headed = (header: unknown, dataBytes = 0): void => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]))
}

test('what is written is read back, piece by piece and row by row', () => {
  writeSafetensors(
    file,
    {
      a: { dtype: 'F32', shape: [3, 2], pieces: [new Float32Array([1, 2]), new Float32Array([3, 4, 5, 6])] },
      ids: { dtype: 'I64', shape: [2], pieces: [new BigInt64Array([7n, -8n])] },
      half: { dtype: 'F16', shape: [2], pieces: [f32ToF16(new Float32Array([0.5, -65504]))] },
    },
    { note: 'hand-made' },
  )
  const opened = openSafetensors(file)
  expect(opened.metadata).toEqual({ note: 'hand-made' })
  expect(opened.readF32('a', 1, 3)).toEqual(new Float32Array([3, 4, 5, 6]))
  expect(opened.readI32('ids')).toEqual(new Int32Array([7, -8]))
  expect(opened.readF32('half')).toEqual(new Float32Array([0.5, -65504]))
})

test('bfloat16 is read as the float it begins', () => {
  writeSafetensors(file, { b: { dtype: 'BF16', shape: [2], pieces: [new Uint16Array([0x3f80, 0xc040])] } })
  expect(openSafetensors(file).readF32('b')).toEqual(new Float32Array([1, -3]))
})

test('a tensor that is not there is named, with what there is', () => {
  writeSafetensors(file, { a: f32Tensor([1], new Float32Array(1)) })
  expect(() => openSafetensors(file).readF32('b')).toThrow(/no tensor "b" \(it has a\)/)
})

test('a failed write leaves the old file', () => {
  writeSafetensors(file, { a: f32Tensor([1], new Float32Array([1])) })
  expect(() => writeSafetensors(file, { a: f32Tensor([2], new Float32Array([1])) })).toThrow('4 bytes')
  expect(openSafetensors(file).readF32('a')).toEqual(new Float32Array([1]))
})

test.each([
  [
    'cut short',
    () => (
      writeSafetensors(file, { a: f32Tensor([4], new Float32Array(4)) }),
      truncateSync(file, readFileSync(file).length - 1)
    ),
    'the file has',
  ],
  ['too few bytes', () => writeFileSync(file, 'abc'), '3 bytes'],
  ['no header', () => writeFileSync(file, 'this is only text'), 'not a safetensors file'],
  ['a header that is not JSON', () => headed('{"a":'), 'not JSON'],
  ['an unknown type', () => headed({ a: { dtype: 'F12', shape: [1], data_offsets: [0, 4] } }, 4), 'F12'],
  [
    'a shape that needs other bytes',
    () => headed({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 8),
    'needs 8 bytes',
  ],
  [
    'a shape beyond all numbers',
    () => headed({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, 8),
    '"a"',
  ],
  [
    'tensors that overlap',
    () =>
      headed(
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        },
        8,
      ),
    'overlaps',
  ],
  ['negative offsets', () => headed({ a: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } }, 8), '"a"'],
] as const)('%s is refused in one sentence', (_name, make, words) => {
  make()
  expect(() => openSafetensors(file)).toThrow(words)
})
