import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { expect } from 'vitest'
import { contract, type EngineClient } from '#contract/index.ts'
import type { JobId } from '#contract/ids.ts'
import type { Job } from '#contract/job.ts'
import { portOf } from '#contract/ports.ts'
import { connect } from '#contract/rpc.ts'
import { openEngine } from '../../../src-main/rpc/open-engine.ts'
import { shared, testWithShared } from '../../shared.ts'

/** An engine on a new workspace with stories260K and a corpus, asked as the window asks it. */
async function withEngine(
  work: (client: EngineClient, ids: { modelId: string; corpusId: string }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-engine-'))
  const engine = openEngine(folder)
  const { port1, port2 } = new MessageChannel()
  engine.attach(portOf(port1))
  const client = connect(contract, portOf(port2))
  try {
    const model = await client.models.add({ folder: join(shared, 'models/stories260K') })
    const corpus = await client.corpora.add({ files: [join(shared, 'corpora/tinystories-sampled.txt')] })
    await work(client, { modelId: model.id, corpusId: corpus.id })
  } finally {
    port1.close()
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function settled(client: EngineClient, id: JobId): Promise<Job> {
  for await (const job of client.jobs.watch({}))
    if (job.id === id && job.state !== 'queued' && job.state !== 'running') return job
  throw new Error('the engine stopped telling')
}
const requestFor = (ids: { modelId: string; corpusId: string }, tokens: number) => ({
  ...ids,
  hookNames: ['layers.1'],
  tokens,
  contextSize: 64,
})

testWithShared('a harvest is a job of the engine, and its set can be verified', () =>
  withEngine(async (client, ids) => {
    const preview = await client.corpora.preview({ id: ids.corpusId, modelId: ids.modelId, contextSize: 8 })
    expect(preview[0].tokens.slice(0, 3)).toEqual(['<s>', ' Once', ' upon'])
    const request = requestFor(ids, 2000)
    const { bytes, freeBytes } = await client.activations.estimate(request)
    expect(freeBytes).toBeGreaterThan(bytes)
    const { job, ids: sets } = await client.activations.harvest(request)
    expect(await settled(client, job)).toMatchObject({ state: 'done', result: { tokens: 2048, rows: 32 } })
    const set = await client.activations.get({ id: sets[0] })
    expect(set).toMatchObject({ hookName: 'blocks.1.hook_resid_post', complete: true, prependBos: true })
    expect(set.bytes).toBeLessThanOrEqual(bytes)
    expect(await client.activations.verify({ id: sets[0] })).toMatchObject({ bytes: 2048 * 64 * 4 })
  }),
)

testWithShared('a harvest that is paused goes on; one that is cancelled leaves no set', () =>
  withEngine(async (client, ids) => {
    const { job, ids: sets } = await client.activations.harvest(requestFor(ids, 1e6))
    for await (const told of client.jobs.watch({}))
      if (told.id === job && (told.progress?.done ?? 0) > 0) break
    await client.jobs.pause({ id: job })
    expect((await settled(client, job)).state).toBe('paused')
    expect((await client.activations.get({ id: sets[0] })).complete).toBe(false)
    await client.jobs.resume({ id: job })
    await client.jobs.cancel({ id: job })
    expect((await settled(client, job)).state).toBe('cancelled')
    expect(await client.activations.list({})).toEqual([])
  }),
)
