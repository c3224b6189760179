import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { contract, type EngineClient } from '#contract/index.ts'
import type { IndexId } from '#contract/ids.ts'
import { portOf } from '#contract/ports.ts'
import { connect } from '#contract/rpc.ts'
import type { Sae } from '#contract/sae.ts'
import { openEngine, type Engine } from '../../../src-main/rpc/open-engine.ts'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import { saveSae } from '../../../src-main/sae/load.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { hasShared, shared, testWithShared } from '../../shared.ts'
import { putActivations, saeRow, temporaryFolder } from './fakes.ts'

let engine: Engine
let client: EngineClient
let close: () => void
let sae: Sae
let indexId: IndexId

beforeAll(async () => {
  if (!hasShared) return
  const { folder, remove } = temporaryFolder()
  engine = openEngine(folder)
  const { port1, port2 } = new MessageChannel()
  engine.attach(portOf(port1))
  client = connect(contract, portOf(port2))
  close = () => (port1.close(), remove())
  const model = await client.models.add({ folder: join(shared, 'models/stories260K') })
  const workspace = openWorkspace(folder)
  const { weights } = readSaelensFolder(join(shared, 'saes/stories260K/relu-128'))
  sae = saveSae(workspace, saeRow(workspace, weights, { modelId: model.id }), weights)
  const reference = openSafetensors(join(shared, 'reference/saes-stories260K.safetensors'))
  const set = putActivations(workspace, {
    ids: [...reference.readI32('ids')],
    contextSize: 256,
    x: reference.readF32('activations_f32'),
    dIn: weights.dIn,
    modelId: model.id,
  })
  workspace.close()
  const { id, job } = await client.features.index({ saeId: sae.id, activationSetId: set.id, settings: {} })
  indexId = id
  for await (const seen of client.jobs.watch({})) {
    if (seen.id === job && seen.problem) throw new Error(seen.problem.message)
    if (seen.id === job && seen.state === 'done') break
  }
})
afterAll(async () => {
  if (!hasShared) return
  await engine.close()
  close()
})

describe('asking the engine about the features of relu-128', () => {
  testWithShared('the table has every feature, the page its examples in words', async () => {
    const table = await client.features.table({ indexId })
    expect(table.count.length).toBe(128)
    expect(table.index).toMatchObject({ complete: true, tokens: 10_240, countedTokens: 10_200 })
    const page = await client.features.page({ indexId, feature: 3 })
    expect(page.statistics.count).toBe(table.count[3])
    expect(page.top[0].value).toBe(table.max[3])
    expect(page.top[0].window.tokens.join('')).toMatch(/[a-z]+ [a-z]+/)
    expect(page.top).toHaveLength(20)
    expect(page.intervals).toHaveLength(10)
  })

  testWithShared('a typed sentence has the codes that its tokens have in the index', async () => {
    const { top } = await client.features.page({ indexId, feature: 7, top: 1, before: 2000, after: 2000 })
    const { window } = top[0]
    const text = window.tokens.slice(1).join('').trimStart() // BOS and the first space come by themselves
    const tried = await client.features.tryText({ saeId: sae.id, text })
    expect(tried.beginsWithBos).toBe(true)
    const same = tried.tokens.findIndex((token, i) => token !== window.tokens[i])
    const compared = same < 0 ? Math.min(tried.tokens.length, window.tokens.length) : same
    expect(compared).toBeGreaterThan(20)
    for (let t = 1; t < compared; t++) {
      const entries = tried.feature.subarray(tried.start[t], tried.start[t + 1])
      const at = entries.indexOf(7)
      const value = at < 0 ? 0 : tried.value[tried.start[t] + at]
      expect(Math.abs(value - window.activations[0][t])).toBeLessThan(1e-3)
    }
  })

  testWithShared(
    'finds features by token, near ones, co-firing ones and the tokens they promote',
    async () => {
      const found = await client.features.searchToken({ indexId, text: 'Lily' })
      expect(found.occurrences).toBeGreaterThan(10)
      expect(found.features[0].recall).toBeGreaterThan(0.9)
      const [nearest] = await client.features.neighbours({
        saeId: sae.id,
        feature: 3,
        inSaeId: sae.id,
        count: 1,
      })
      expect(nearest.feature).not.toBe(3)
      const { features } = await client.features.coFiring({ indexId, feature: 3 })
      expect(features).toHaveLength(10)
      const lens = await client.features.logitLens({ saeId: sae.id, feature: 3 })
      expect(lens.promoted).toHaveLength(10)
      expect(lens.histogram.reduce((a, b) => a + b)).toBe(512)
    },
  )

  testWithShared('draws the map once and keeps it', async () => {
    const draw = async (): Promise<unknown[]> => {
      const steps: unknown[] = []
      for await (const step of client.features.map({ indexId })) steps.push(step)
      return steps
    }
    const first = await draw()
    expect(first.length).toBeGreaterThan(10)
    expect(first.at(-1)).toMatchObject({ share: 1, map: { features: { length: 128 } } })
    expect(await draw()).toEqual([first.at(-1)])
  })

  testWithShared('two features on the same tokens', async () => {
    const { top } = await client.features.page({ indexId, feature: 3, top: 2 })
    const tokens = top.map(({ window }) => window.token)
    const features = [3, 4].map((feature) => ({ indexId, feature }))
    const windows = await client.features.windows({ indexId, tokens, features, before: 4, after: 4 })
    expect(windows.map((w) => w.token)).toEqual(tokens)
    expect(windows[0].activations[0][tokens[0] - windows[0].first]).toBe(top[0].value)
    expect(windows[0].activations).toHaveLength(2)
  })

  testWithShared('a label is refused for a feature there is not, and kept for one there is', async () => {
    const edit = { saeId: sae.id, feature: 128, change: { label: 'x' } }
    await expect(client.labels.edit(edit)).rejects.toThrow('features 0 to 127')
    await client.labels.edit({ ...edit, feature: 127, author: 'ada' })
    expect(await client.labels.list({ saeId: sae.id })).toMatchObject([
      { feature: 127, label: 'x', author: 'ada' },
    ])
  })

  testWithShared('activations of another width are refused with both widths', async () => {
    await expect(
      client.features.index({ saeId: sae.id, activationSetId: 'a-nothere1' as never, settings: {} }),
    ).rejects.toThrow('a-nothere1')
  })
})
