import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { contract, type EngineClient } from '#contract/index.ts'
import { portOf } from '#contract/ports.ts'
import { connect } from '#contract/rpc.ts'
import { openEngine } from '../../../src-main/rpc/open-engine.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { shared, testWithShared } from '../../shared.ts'
import { addActivations } from '../sae/train/small-run.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** An engine on a new workspace, with jobs in real worker threads, and its client. */
function engineOn(fill: (folder: string) => void): EngineClient {
  const folder = mkdtempSync(join(tmpdir(), 'suture-engine-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  fill(folder)
  const engine = openEngine(folder)
  const { port1, port2 } = new MessageChannel()
  engine.attach(portOf(port1))
  closing.push(() => engine.close())
  closing.push(() => port1.close())
  return connect(contract, portOf(port2))
}

async function finished(client: EngineClient, job: string): Promise<void> {
  for await (const { id, state, problem } of client.jobs.watch({}))
    if (id === job && state !== 'queued' && state !== 'running') return expect(problem ?? state).toBe('done')
}

test('a sweep on a set: two SAEs in one run, curves and the numbers of a Pareto plot', async () => {
  const client = engineOn((folder) => {
    const workspace = openWorkspace(folder)
    addActivations(workspace)
    workspace.close()
  })
  const [set] = await client.activations.list({})
  const started = await client.training.start({
    source: { from: 'activations', activationSetId: set.id },
    saes: [
      { architecture: 'standard', width: 16, learningRate: 0.01, sparsity: 0.05 },
      { architecture: 'topk', width: 16, learningRate: 0.01, k: 3 },
    ],
    steps: 300,
    batchTokens: 64,
    pointEvery: 100,
  })
  await finished(client, started.job)
  const [{ run, job, saes }] = await client.training.runs({})
  expect(run).toMatchObject({ id: started.run, complete: true })
  expect(job).toEqual({ id: started.job, state: 'done' })
  expect(saes.map(({ architecture }) => architecture)).toEqual(['standard', 'topk'])
  for (const { point, metrics } of saes) {
    expect(point?.step).toBe(300)
    expect(metrics?.explainedVariance).toBeGreaterThan(0.5)
  }
  expect(saes[1].metrics?.l0).toBeLessThanOrEqual(3)
  const curve = await client.training.curve({ saeId: started.ids[0], afterStep: 100 })
  expect(curve.map(({ step }) => step)).toEqual([200, 300])
})

test('a request that makes no sense is refused before there is a run', async () => {
  const client = engineOn((folder) => {
    const workspace = openWorkspace(folder)
    addActivations(workspace)
    workspace.close()
  })
  const [set] = await client.activations.list({})
  const source = { from: 'activations' as const, activationSetId: set.id }
  const start = client.training.start({ source, saes: [{ architecture: 'topk', width: 8, k: 9 }] })
  await expect(start).rejects.toThrow('k: 9 features per token cannot be kept out of 8')
  expect(await client.training.runs({})).toEqual([])
  expect(await client.jobs.list({})).toEqual([])
})

testWithShared('straight from a model: nothing is kept on disk, CE recovered is measured', async () => {
  const client = engineOn(() => {})
  const model = await client.models.add({ folder: join(shared, 'models/stories260K') })
  const corpus = await client.corpora.add({ files: [join(shared, 'corpora/tinystories-sampled.txt')] })
  const started = await client.training.start({
    source: { from: 'model', modelId: model.id, corpusId: corpus.id, hookName: 'blocks.2.hook_resid_pre' },
    saes: [{ architecture: 'topk', width: 128, k: 12 }],
    steps: 20,
    batchTokens: 512,
    pointEvery: 10,
    ceEvery: 20,
    backend: 'cpu',
  })
  await finished(client, started.job)
  const { saes, run } = await client.training.run({ id: started.run })
  expect(run.notes).toEqual([])
  expect(saes[0].point?.ceRecovered).toBeGreaterThan(0.1)
  expect(saes[0].metrics).toMatchObject({ skippedPosition0: true, activationSetId: null })
  expect(await client.activations.list({})).toEqual([])
})
