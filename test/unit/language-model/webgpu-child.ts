// Started by webgpu.test.ts as a process of its own, because a Vulkan loader is only found through the environment a
// process is started with. Runs models on webgpu, each in a thread of its own as jobs are, and prints how far they are
// from the reference as one JSON document.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { maxDifference, modelOf } from './model-of.ts'
import type { Difference, WebgpuExample } from './webgpu-examples.ts'

async function differences({ folder, reference, prompt, slice }: WebgpuExample): Promise<Difference> {
  const file = openSafetensors(reference)
  const ids = file.readI32(`${prompt}input_ids`)
  const rows = file.entry(`${prompt}input_ids`).shape.at(-2) ?? 1
  const model = await openLanguageModel(await modelOf(folder), { provider: 'webgpu' })
  const hooks = [...file.tensors.keys()].filter((key) => key.startsWith(prompt) && /(hook|blocks)/.test(key))
  const outputs = await model.runTo(
    hooks.map((key) => key.slice(prompt.length)),
    ids,
    rows,
  )
  const apart = hooks.map((key, i) => maxDifference(outputs[i], file.readF32(key)))
  const logits = maxDifference(await model.logits(ids, rows), file.readF32(`${prompt}logits`))
  const tokens = file.readI32(`${slice}input_ids`)
  const [, context] = file.entry(`${slice}input_ids`).shape
  const tried = context < 100 ? 2 : 1
  const found = await model.tokenLoss(tokens.subarray(0, tried * context), tried)
  const expected = file.readF32(`${slice}token_loss`).subarray(0, tried * (context - 1))
  const losses = maxDifference(found, expected)
  await model.close()
  return { hooks: hooks.length, activations: apart.reduce((a, b) => (b <= a ? a : b), 0), logits, losses }
}

const inThread = (example: WebgpuExample): Promise<Difference> =>
  new Promise((resolve, reject) => {
    new Worker(import.meta.filename, { workerData: example }).once('message', resolve).once('error', reject)
  })

if (isMainThread) {
  const examples = JSON.parse(process.argv[2]) as Record<string, WebgpuExample>
  const all: Record<string, Difference> = {}
  for (const [name, example] of Object.entries(examples)) all[name] = await inThread(example)
  console.log(JSON.stringify(all))
} else parentPort?.postMessage(await differences(workerData as WebgpuExample))
