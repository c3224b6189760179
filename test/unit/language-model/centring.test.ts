// center_writing_weights: giving the residual stream without its mean is the same as centring the weights.
import { expect, test } from 'vitest'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { f32Tensor, openSafetensors } from '../../../src-main/store/safetensors.ts'
import { copyOf, editWeights } from './edit-checkpoint.ts'
import { maxDifference, modelOf } from './model-of.ts'

/** Matrices by rows of what they write: the rows of each are centred. GPT-2 keeps [in, out]. */
const GPT2_WRITERS = /wte\.weight|wpe\.weight|c_proj\.(weight|bias)/
/** NeoX keeps [out, in]: the columns of its matrices are centred. */
const NEOX_WRITERS = /embed_in\.weight|attention\.dense\.(weight|bias)|dense_4h_to_h\.(weight|bias)/

function subtractMean(data: Float32Array, d: number, at: (vector: number, i: number) => number): void {
  for (let vector = 0; vector < data.length / d; vector++) {
    let mean = 0
    for (let i = 0; i < d; i++) mean += data[at(vector, i)] / d
    for (let i = 0; i < d; i++) data[at(vector, i)] -= mean
  }
}

function centreWriters(folder: string, writers: RegExp, d: number): void {
  const file = openSafetensors(`${folder}/model.safetensors`)
  editWeights(folder, (tensors) => {
    for (const [name, { shape }] of Object.entries(tensors).filter(([name]) => writers.test(name))) {
      const data = file.readF32(name)
      const transposed = /dense\.weight|dense_4h_to_h\.weight/.test(name)
      const inputs = data.length / d
      subtractMean(data, d, transposed ? (vector, i) => i * inputs + vector : (vector, i) => vector * d + i)
      tensors[name] = f32Tensor(shape, data)
    }
  })
}

test.each([
  ['gpt2-hub', GPT2_WRITERS],
  ['neox-parallel', NEOX_WRITERS],
  ['neox-sequential', NEOX_WRITERS],
])('%s: every hook point agrees with the model whose writing weights were centred', async (name, writers) => {
  const ids = Int32Array.from({ length: 24 }, (_, i) => (i * 11) % 48)
  const [plain, centredFolder] = [copyOf(name), copyOf(name)]
  centreWriters(centredFolder, writers, 32)
  const original = await openLanguageModel(await modelOf(plain), { threads: 1 })
  const asked = await openLanguageModel(await modelOf(plain, true), { threads: 1 })
  const really = await openLanguageModel(await modelOf(centredFolder), { threads: 1 })

  const hooks = asked.model.hookPoints.map((point) => point.name)
  const [got, expected, untouched] = await Promise.all(
    [asked, really, original].map((m) => m.runTo(hooks, ids, 2)),
  )
  for (const [i, hook] of hooks.entries()) expect(maxDifference(got[i], expected[i]), hook).toBeLessThan(2e-5)
  const end = hooks.indexOf('blocks.1.hook_resid_post')
  expect(maxDifference(got[end], untouched[end])).toBeGreaterThan(0.01)

  const losses = await original.tokenLoss(ids, 2)
  expect(maxDifference(await asked.tokenLoss(ids, 2), losses)).toBeLessThan(1e-5)
  expect(maxDifference(await asked.runFrom(hooks[end], got[end], ids, 2), losses)).toBeLessThan(1e-5)
  await Promise.all([original, asked, really].map((model) => model.close()))
})
