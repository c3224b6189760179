// Started by webgpu.test.ts as a process of its own, because a Vulkan loader is only found through the environment a
// process is started with. Runs models on webgpu, each in a thread of its own as jobs are, and prints how far they are
// from the reference as one JSON document.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { maxDifference, modelOf } from './model-of.ts'
import type { Difference, WebgpuExample } from './webgpu-examples.ts'

/** The end of the residual stream is one of the hook points, so that one session is compiled for all that is compared. */
async function differences({ folder, reference, prompt, slice, splice }: WebgpuExample): Promise<Difference> {
  const file = openSafetensors(reference)
  const facts = await modelOf(folder)
  const model = await openLanguageModel(facts, { provider: 'webgpu' })
  const last = facts.hookPoints[facts.hookPoints.length - 1].name
  const hooks = [...file.tensors.keys()]
    .filter((key) => key.startsWith(prompt) && /(hook|blocks)/.test(key))
    .map((key) => key.slice(prompt.length))
  const run = async (ids: Int32Array, rows: number): Promise<Map<string, Float32Array>> => {
    const outputs = await model.runTo(hooks, ids, rows)
    return new Map(hooks.map((name, i) => [name, outputs[i]]))
  }
  const at = (outputs: Map<string, Float32Array>, name: string): Float32Array =>
    outputs.get(name) ?? new Float32Array()

  const ids = file.readI32(`${prompt}input_ids`)
  const rows = file.entry(`${prompt}input_ids`).shape.at(-2) ?? 1
  const outputs = await run(ids, rows)
  const apart = hooks.map((name) => maxDifference(at(outputs, name), file.readF32(`${prompt}${name}`)))
  const found = await model.logitsFrom(last, at(outputs, last), ids, rows)
  const logits = maxDifference(found, file.readF32(`${prompt}logits`))

  const [, context] = file.entry(`${slice}input_ids`).shape
  const tried = context < 100 ? 2 : 1
  const tokens = file.readI32(`${slice}input_ids`).subarray(0, tried * context)
  const expected = file.readF32(`${slice}token_loss`).subarray(0, tried * (context - 1))
  const ofTokens = slice === prompt ? outputs : await run(tokens, tried)
  const lossFrom = async (hook: string): Promise<number> =>
    maxDifference(await model.runFrom(hook, at(ofTokens, hook), tokens, tried), expected)
  const [losses, spliced] = [await lossFrom(last), splice === undefined ? 0 : await lossFrom(splice)]
  await model.close()
  return {
    hooks: hooks.length,
    activations: apart.reduce((a, b) => (b <= a ? a : b), 0),
    logits,
    losses,
    spliced,
  }
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
