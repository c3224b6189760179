import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { activations as contract, type ActivationSet } from '#contract/activation-set.ts'
import { ActivationSetId } from '#contract/ids.ts'
import { exportJob, prepareExport } from '../../../src-main/activations/export.ts'
import { importJob } from '../../../src-main/activations/import.ts'
import { prepareImport } from '../../../src-main/activations/import-plan.ts'
import { openActivations } from '../../../src-main/activations/reader.ts'
import {
  f32Tensor,
  openSafetensors,
  writeSafetensors,
  type Dtype,
} from '../../../src-main/store/safetensors.ts'
import { problemFrom } from '../corpus/helpers.ts'
import { D, fakeModel, HOOKS, testWorkspace, unstoppable, type TestWorkspace } from './fakes.ts'

const T = 12
const values = Float32Array.from({ length: T * D }, (_, i) => Math.fround(Math.sin(i)))
const ids = Int32Array.from({ length: T }, (_, i) => i)

let made: TestWorkspace
beforeEach(async () => {
  made = await testWorkspace('some text')
})
afterEach(() => made.remove())
const path = (name: string): string => join(made.workspace.folder, name)

function fileOf(tensors: Parameters<typeof writeSafetensors>[1]): string {
  const file = path('made-elsewhere.safetensors')
  rmSync(file, { force: true })
  writeSafetensors(file, tensors)
  return file
}
const activationsFile = (shape: number[], data = values): string => fileOf({ acts: f32Tensor(shape, data) })

type Options = Partial<Parameters<typeof contract.importFile.input.parse>[0] & object> &
  Record<string, unknown>
async function imported(file: string, options: Options = {}, tokensPerChunk = 5): Promise<ActivationSet> {
  const request = contract.importFile.input.parse({ file, hookName: HOOKS[0], ...options })
  const plan = { ...prepareImport(made.workspace, request), tokensPerChunk }
  await importJob(plan, made.workspace, unstoppable)
  return made.workspace.activationSets.get(plan.id)
}
function read(set: ActivationSet): { activations: Float32Array; ids: Int32Array | null } {
  const reader = openActivations(made.workspace, set.id)
  const all = { activations: reader.read(0, set.tokens), ids: reader.ids(0, set.tokens) }
  reader.close()
  return all
}
const refusal = (file: string, options: Options = {}): Promise<string> =>
  problemFrom(() => imported(file, options)).then((problem) => problem.message)

describe('import', () => {
  test('rows [T, d] with ids [rows, context]: the context is that of the ids', async () => {
    const file = fileOf({
      acts: f32Tensor([T, D], values),
      ids: { dtype: 'I32', shape: [3, 4], pieces: [ids] },
    })
    const set = await imported(file, { tensor: 'acts', idsTensor: 'ids', modelId: fakeModel.id })
    expect(set).toMatchObject({ tokens: T, rows: 3, contextSize: 4, hasTokens: true, complete: true, dIn: D })
    expect(read(set)).toEqual({ activations: values, ids })
  })

  test('rows [rows, context, d] without ids; rows [T, d] alone are one row', async () => {
    const set = await imported(activationsFile([2, 6, D]))
    expect(set).toMatchObject({ rows: 2, contextSize: 6, hasTokens: false, modelId: null })
    expect(read(set)).toEqual({ activations: values, ids: null })
    expect(await imported(activationsFile([T, D]))).toMatchObject({ rows: 1, contextSize: T })
    expect(await imported(activationsFile([T, D]), { contextSize: 3 })).toMatchObject({
      rows: 4,
      contextSize: 3,
    })
  })

  test('half precision and bfloat16 become what they stand for', async () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001)
    const half = fileOf({ acts: { dtype: 'F16', shape: [2, 2], pieces: [bits] } })
    const exact = Float32Array.from(new Float16Array(bits.buffer))
    expect(read(await imported(half)).activations).toEqual(exact)
    expect(read(await imported(half, { dtype: 'f16' })).activations).toEqual(exact)
    const brain = fileOf({ acts: { dtype: 'BF16', shape: [1, 2], pieces: [Uint16Array.of(0x3fc0, 0xc120)] } })
    expect([...read(await imported(brain)).activations]).toEqual([1.5, -10])
  })

  test('.npy, with ids in a file of their own', async () => {
    const npy = (name: string, descr: string, shape: string, data: ArrayBufferView): string => {
      const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n'
      const head = Buffer.concat([
        Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'),
        Buffer.from(text, 'latin1'),
      ])
      writeFileSync(path(name), Buffer.concat([head, new Uint8Array(data.buffer)]))
      return path(name)
    }
    const file = npy('acts.npy', '<f4', `(${T}, ${D})`, values)
    const idsFile = npy('ids.npy', '<i8', '(3, 4)', BigInt64Array.from(ids, BigInt))
    expect(read(await imported(file, { idsFile }))).toEqual({ activations: values, ids })
  })

  test.each([
    ['NaN', NaN],
    ['an infinity', -Infinity],
  ])('%s is refused with its row and column, and nothing is left', async (_name, bad) => {
    const file = activationsFile([T, D], values.with(7 * D + 3, bad))
    expect(await refusal(file)).toBe(`the value at row 7, column 3 is ${bad}`)
    expect(made.workspace.activationSets.list()).toEqual([])
  })

  test('what does not fit together is refused before anything is made', async () => {
    const file = fileOf({
      acts: f32Tensor([T, D], values),
      flat: f32Tensor([T * D], values),
      other: f32Tensor([2, T * 4], values),
      ids: { dtype: 'I32', shape: [T - 1], pieces: [ids.subarray(1)] },
    })
    expect(await refusal(file)).toBe('it has the tensors acts, other')
    expect(await refusal(file, { tensor: 'nothing' })).toMatch('it has no tensor "nothing"')
    expect(await refusal(file, { tensor: 'flat' })).toMatch('it has shape [96]')
    expect(await refusal(file, { tensor: 'ids' })).toMatch('floating-point numbers are expected')
    expect(await refusal(file, { tensor: 'acts', idsTensor: 'ids' })).toMatch(
      'one id for each of the 12 tokens',
    )
    expect(await refusal(file, { tensor: 'acts', contextSize: 5 })).toBe(
      'its 12 tokens do not make whole rows of 5',
    )
    expect(await refusal(file, { tensor: 'other', modelId: fakeModel.id })).toMatch(
      'activations have 48 values',
    )
    expect(await refusal(path('none.safetensors'))).toBe('there is no such file')
    expect(made.workspace.activationSets.list()).toEqual([])
  })

  test('an id that the model does not have is refused with its token', async () => {
    const file = fileOf({
      acts: f32Tensor([T, D], values),
      ids: { dtype: 'I32', shape: [T], pieces: [ids.with(8, 256)] },
    })
    const message = await refusal(file, { tensor: 'acts', idsTensor: 'ids', modelId: fakeModel.id })
    expect(message).toBe('the id of token 8 is 256, the model has 256 ids')
  })

  test('goes on after a stop at any chunk', async () => {
    const request = contract.importFile.input.parse({ file: activationsFile([T, D]), hookName: HOOKS[0] })
    const plan = { ...prepareImport(made.workspace, request), tokensPerChunk: 5 }
    let left = 1
    const stopping = { ...unstoppable, checkpoint: () => { if (left-- === 0) throw new Error('stopped') } } // prettier-ignore
    await expect(importJob(plan, made.workspace, stopping)).rejects.toThrow('stopped')
    await importJob(plan, made.workspace, unstoppable)
    expect(read(made.workspace.activationSets.get(plan.id)).activations).toEqual(values)
  })
})

describe('export', () => {
  const exported = async (set: ActivationSet): Promise<string> => {
    const to = path(`${set.id}.safetensors`)
    await exportJob(
      prepareExport(made.workspace, { id: set.id, to, overwrite: false }),
      made.workspace,
      unstoppable,
    )
    return to
  }

  test.each(['f32', 'f16'] as const)('and import again gives the same bytes: %s', async (dtype) => {
    const file = fileOf({
      acts: f32Tensor([T, D], values),
      ids: { dtype: 'I32', shape: [3, 4], pieces: [ids] },
    })
    const first = await imported(file, { tensor: 'acts', idsTensor: 'ids', dtype })
    const to = await exported(first)
    const { tensors, metadata } = openSafetensors(to)
    const stored: Dtype = dtype === 'f16' ? 'F16' : 'F32'
    expect([...tensors].map(([name, { dtype: type, shape }]) => [name, type, shape])).toEqual([
      ['activations', stored, [T, D]],
      ['ids', 'I32', [3, 4]],
    ])
    expect(metadata).toMatchObject({ hook_name: HOOKS[0], context_size: '4' })
    const again = await imported(to, { tensor: 'activations', idsTensor: 'ids', dtype }, 7)
    expect(read(again)).toEqual(read(first))
    expect(readFileSync(await exported(again))).toEqual(readFileSync(to))
  })

  test('a file that exists is not overwritten unless asked, and a stopped export leaves none', async () => {
    const set = await imported(activationsFile([T, D]))
    const to = path('out.safetensors')
    const asked = { id: ActivationSetId.parse(set.id), to, overwrite: false }
    const params = prepareExport(made.workspace, asked)
    const stop = { ...unstoppable, checkpoint: () => { throw new Error('stopped') } } // prettier-ignore
    await expect(exportJob(params, made.workspace, stop)).rejects.toThrow('stopped')
    expect(existsSync(to)).toBe(false)
    writeFileSync(to, 'precious')
    expect((await problemFrom(() => prepareExport(made.workspace, asked))).message).toBe('it exists already')
    await exportJob(prepareExport(made.workspace, { ...asked, overwrite: true }), made.workspace, unstoppable)
    expect(openSafetensors(to).readF32('activations')).toEqual(values)
    const nowhere = { ...asked, to: path('no/such/folder.safetensors') }
    expect((await problemFrom(() => prepareExport(made.workspace, nowhere))).message).toBe(
      'there is no such folder',
    )
  })
})
