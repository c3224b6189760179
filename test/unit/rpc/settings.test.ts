// What the engine goes by, kept in the workspace and obeyed by what is started next.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { contract, type EngineClient } from '#contract/index.ts'
import { portOf } from '#contract/ports.ts'
import { connect } from '#contract/rpc.ts'
import { lookAtBackends } from '../../../src-main/backends/look-at-backends.ts'
import { openEngine } from '../../../src-main/rpc/open-engine.ts'
import { allowedThreads, allowThreads, threadsToUse } from '../../../src-main/store/allowed-threads.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import type { Backend } from '../../../src-main/sae/backend.ts'
import { problem } from '#contract/problem.ts'
import { addActivations } from '../sae/train/small-run.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  for (const name of ['HF_HUB_CACHE', 'HF_ENDPOINT', 'HF_TOKEN', 'HF_TOKEN_PATH']) delete process.env[name]
})
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'suture-settings-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
function engineOn(folder: string): EngineClient {
  const engine = openEngine(folder)
  const { port1, port2 } = new MessageChannel()
  engine.attach(portOf(port1))
  closing.push(() => engine.close())
  closing.push(() => port1.close())
  return connect(contract, portOf(port2))
}

describe('settings of the engine', () => {
  test('are nobody’s until they are set, and are changed one by one', async () => {
    const client = engineOn(temporary())
    expect(await client.settings.get({})).toEqual({ backend: null, threads: null })
    await client.settings.set({ backend: 'cpu' })
    expect(await client.settings.set({ threads: 1 })).toEqual({ backend: 'cpu', threads: 1 })
    expect(await client.settings.set({ backend: null })).toEqual({ backend: null, threads: 1 })
  })

  test('refuse more threads than there are cores', async () => {
    const client = engineOn(temporary())
    const asked = client.settings.set({ threads: availableParallelism() + 1 })
    await expect(asked).rejects.toMatchObject({ problem: { code: 'bad-input', subject: 'threads' } })
  })

  test('decide the backend and the threads of the next run, unless it says otherwise', async () => {
    const folder = temporary()
    const workspace = openWorkspace(folder)
    addActivations(workspace)
    workspace.close()
    const client = engineOn(folder)
    const [{ id }] = await client.activations.list({})
    const request = {
      source: { from: 'activations', activationSetId: id } as const,
      saes: [{ architecture: 'topk', width: 4_000_000, k: 2 } as const],
      steps: 10,
      batchTokens: 64,
    }
    await client.settings.set({ backend: 'webgpu', threads: 1 })
    expect(await client.training.settings(request)).toMatchObject({ backend: 'webgpu', threads: 1 })
    expect(await client.training.settings({ ...request, backend: 'cpu' })).toMatchObject({ backend: 'cpu' })
  })

  test('say where the hub is, whether there is a token, and what is in the cache', async () => {
    const cache = join(temporary(), 'hub')
    process.env['HF_HUB_CACHE'] = cache
    process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9/'
    process.env['HF_TOKEN_PATH'] = join(cache, 'no-token')
    const client = engineOn(temporary())
    const empty = { endpoint: 'http://127.0.0.1:9', hasToken: false, cacheFolder: cache, cacheBytes: 0 }
    expect(await client.settings.hub({})).toMatchObject(empty)
    mkdirSync(join(cache, 'models--a--b/blobs'), { recursive: true })
    writeFileSync(join(cache, 'models--a--b/blobs/0'), 'twelve bytes')
    process.env['HF_TOKEN'] = 'hf_secret'
    const hub = await client.settings.hub({})
    expect(hub).toMatchObject({ hasToken: true, cacheBytes: 12 })
    expect(JSON.stringify(hub)).not.toContain('secret')
  })

  test('find the backends of this machine, with the reason where there is none', async () => {
    const found = await engineOn(temporary()).settings.backends({})
    expect(found.backends.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'tensorflow'])
    expect(found.backends[0]).toMatchObject({ available: true })
    for (const { available, why } of found.backends) if (!available) expect(why).toBeTruthy()
  })
})

test('a backend that is there but slower says so', async () => {
  const backend = (name: 'cpu' | 'webgpu'): Backend => ({ name, open: () => Promise.reject(new Error()) })
  const found = await lookAtBackends({
    open: {
      cpu: () => Promise.resolve(backend('cpu')),
      webgpu: () => Promise.resolve(backend('webgpu')),
      tensorflow: () => Promise.reject(problem('not-available', 'tensorflow backend', 'it is not installed')),
    },
    productRate: (on) => Promise.resolve(on === 'cpu' ? 50 : 60),
  })
  expect(found).toEqual({
    chosen: 'cpu',
    backends: [
      { name: 'cpu', available: true, why: null },
      {
        name: 'webgpu',
        available: true,
        why: expect.stringContaining('60 GFLOP/s, the cpu at 50') as string,
      },
      { name: 'tensorflow', available: false, why: 'tensorflow backend: it is not installed.' },
    ],
  })
})

test('a job computes with at most the threads it may use', () => {
  expect([allowedThreads(), threadsToUse()]).toEqual([null, availableParallelism()])
  allowThreads(1)
  expect([allowedThreads(), threadsToUse()]).toEqual([1, 1])
  allowThreads(10_000)
  expect(threadsToUse()).toBe(availableParallelism())
  allowThreads(null)
})
