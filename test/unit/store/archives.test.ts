import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openNpz, openNpy, NPY_ARRAY } from '../../../src-main/store/npz.ts'
import { writeNpz } from '../../../src-main/store/npz-writer.ts'
import { readTensor, scalarOf } from '../../../src-main/store/tensor-file.ts'
import { writeTorchZip } from '../../../src-main/store/torch-writer.ts'
import { openTorchZip } from '../../../src-main/store/torch-zip.ts'
import { openZip } from '../../../src-main/store/zip.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'files-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const fixtures = join(import.meta.dirname, '../../fixtures/saes')
const file = (name: string): string => join(folder, name)
const values = Float32Array.of(0, 1, 2, 3, 4, 5)

describe('a .pt of torch', () => {
  test('gives tensors by name, views and half precision as they are meant, numbers beside them', () => {
    const checkpoint = openTorchZip(join(fixtures, 'dictionary_learning/checkpoint/checkpoints/ae_1000.pt'))
    const copied = openTorchZip(join(fixtures, 'dictionary_learning/AutoEncoder/ae.pt'))
    expect(checkpoint.tensors.get('encoder.weight')?.shape).toEqual([10, 6])
    expect(readTensor(checkpoint, 'encoder.weight')).toEqual(readTensor(copied, 'encoder.weight'))
    const openai = openTorchZip(join(fixtures, 'openai/gpt2-small/resid_delta_mlp_v5_32k/autoencoders/8.pt'))
    expect(openai.values.get('activation')).toBe('TopK')
    expect(openai.values.get('activation_state_dict.k')).toBe(3)
    const topk = openTorchZip(join(fixtures, 'dictionary_learning/AutoEncoderTopK/ae.pt'))
    expect([scalarOf(topk, 'k'), scalarOf(topk, 'encoder.weight')]).toEqual([3, undefined])
  })

  test('that we write is read back', () => {
    writeTorchZip(file('a.pt'), {
      W: { dtype: 'float32', shape: [2, 3], pieces: () => [values] },
      k: { dtype: 'int32', shape: [], pieces: () => [Int32Array.of(7)] },
    })
    const read = openTorchZip(file('a.pt'))
    expect(readTensor(read, 'W')).toEqual(values)
    expect(read.tensors.get('W')?.shape).toEqual([2, 3])
    expect(scalarOf(read, 'k')).toBe(7)
  })

  test('that is missing is a sentence', () => {
    expect(() => openTorchZip(file('none.pt'))).toThrow('no such file')
  })
})

describe('a .npz of numpy', () => {
  test('in Fortran order and double precision is read as it is meant', () => {
    const bare = openNpz(join(fixtures, 'bare/weights.npz'))
    const topk = openTorchZip(
      join(fixtures, 'connor_rob/gpt2-small_L5_Hcat_z_lr1.20e-03_l11.80e+00_ds24576_bs4096_v9.pt'),
    )
    expect(readTensor(bare, 'W_enc')).toEqual(readTensor(topk, 'W_enc'))
  })

  test('deflated and stored hold the same', () => {
    const [att, res] = ['att', 'res'].map((site) =>
      openNpz(join(fixtures, `gemma-scope-2b-pt-${site}/layer_12/width_16k/average_l0_82/params.npz`)),
    )
    expect(readTensor(att, 'w_dec')).toEqual(readTensor(res, 'W_dec'))
  })

  test('that we write is read back', () => {
    writeNpz(file('a.npz'), { W: { shape: [2, 3], values }, b: { shape: [6], values } })
    const read = openNpz(file('a.npz'))
    expect([...read.tensors].map(([name, { shape }]) => [name, shape])).toEqual([['W', [2, 3]], ['b', [6]]]) // prettier-ignore
    expect(readTensor(read, 'W')).toEqual(values)
    writeFileSync(file('W.npy'), openZip(file('a.npz')).read(openZip(file('a.npz')).entry('W.npy')))
    expect(readTensor(openNpy(file('W.npy')), NPY_ARRAY)).toEqual(values)
  })
})

test('a .npy whose shape is no list of whole numbers, or more than it holds, is refused', () => {
  const npy = (shape: string): string => {
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n'
    writeFileSync(
      file('x.npy'),
      Buffer.concat([
        Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
        Buffer.from(header),
        Buffer.from(values.buffer),
      ]),
    )
    return file('x.npy')
  }
  expect(readTensor(openNpy(npy('(2, 3)')), NPY_ARRAY)).toEqual(values)
  expect(() => openNpy(npy('(2 3)'))).toThrow('its shape is (2 3)')
  expect(() => openNpy(npy('(99999999999999999999,)'))).toThrow('its shape is')
  expect(() => openNpy(npy('(7,)'))).toThrow('needs 28 bytes, it has 24')
})

describe('a zip archive', () => {
  test('is refused where it is cut, encrypted, or claims more than it can hold', () => {
    writeNpz(file('a.npz'), { W: { shape: [6], values } })
    const whole = readFileSync(file('a.npz'))
    writeFileSync(file('cut.npz'), whole.subarray(0, whole.length - 30))
    expect(() => openZip(file('cut.npz'))).toThrow('no end record')
    const directory = whole.readUInt32LE(whole.length - 6)
    const changed = (at: number, bytes: number[]): string => {
      const copy = Buffer.from(whole)
      copy.set(bytes, directory + at)
      writeFileSync(file('changed.npz'), copy)
      return file('changed.npz')
    }
    expect(() => openZip(changed(8, [1]))).toThrow('"W.npy" is encrypted')
    expect(() => openZip(changed(10, [12]))).toThrow('packed by method 12')
    expect(() => openZip(changed(24, [0, 0, 0, 0x7f]))).toThrow('cannot hold')
    expect(() => openZip(changed(42, [0, 0, 0, 0x7f]))).toThrow('ends beyond the file')
  })
})
