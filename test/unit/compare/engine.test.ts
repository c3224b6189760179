import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MessageChannel } from 'node:worker_threads'
import { contract, type EngineClient } from '#contract/index.ts'
import type { Job } from '#contract/job.ts'
import type { JobId } from '#contract/ids.ts'
import { portOf } from '#contract/ports.ts'
import { connect } from '#contract/rpc.ts'
import { prepareStitch } from '../../../src-main/stitch/prepare.ts'
import { requestStitch } from '../../../src-main/stitch/stitch-request.ts'
import { openEngine, type Engine } from '../../../src-main/rpc/open-engine.ts'
import { putActivations } from '../features/fakes.ts'
import { madeActivations, madeSae, plainCodes } from '../stitch/made.ts'
import { edit, stitchWorkspace, unstoppable, type Stitched } from '../stitch/stitched.ts'
import { pearsonOf } from '../../../src-main/math/correlation.ts'

// The whole way: contract, engine, jobs in their threads, files.

const [TOKENS, D] = [120, 6]
const x = madeActivations(TOKENS, D, 31)
const [small, wide, other] = [madeSae(7, D, 32), madeSae(12, D, 33), madeSae(5, D + 2, 34)]
const xOther = madeActivations(TOKENS, D + 2, 35)
let made: Stitched
let engine: Engine
let client: EngineClient
const { port1, port2 } = new MessageChannel()

beforeAll(() => {
  made = stitchWorkspace([small, wide, other], x, 12)
  engine = openEngine(made.workspace.folder, { ownJobsOnly: true })
  engine.attach(portOf(port1))
  client = connect(contract, portOf(port2))
})
afterAll(async () => {
  port1.close()
  await engine.close()
  made.remove()
})

async function done(job: JobId | null): Promise<Job | null> {
  if (job === null) return null
  for await (const change of client.jobs.watch({}))
    if (change.id === job && change.state !== 'queued' && change.state !== 'running') return change
  return null
}
const ids = () => ({ aId: made.saes[0].id, bId: made.saes[1].id })
const evaluation = () => ({ activationSetId: made.activations.id, skipPosition0: false })

describe('comparing through the engine', () => {
  test('directions, then activations; the same question again is answered from what is there', async () => {
    const { id, job } = await client.compare.create({
      ...ids(),
      k: 3,
      evaluation: evaluation(),
      maskedCosine: true,
    })
    expect((await done(job))?.state).toBe('done')
    const comparison = await client.compare.get({ id })
    expect(comparison).toMatchObject({ complete: true, aCount: 7, bCount: 12 })
    expect(comparison.activations?.evaluatedOn).toEqual({
      activationSetId: made.activations.id,
      tokens: TOKENS,
      skippedPosition0: false,
    })
    expect(comparison.activations?.noEffect).toBeNull()
    const { cosine, activations } = await client.compare.arrays({ id })
    expect(cosine?.bToA.value).toHaveLength(36)
    expect(activations?.deltaMse).toHaveLength(12)
    expect(activations?.pearsonByChance?.bToA.value).toHaveLength(36)
    expect(activations?.maskedCosine?.aToB.feature).toHaveLength(21)
    const fires = new Set(plainCodes(small, x).feature)
    activations?.aDensity.forEach((density, j) => expect(density > 0).toBe(fires.has(j)))

    const again = await client.compare.create({ ...ids(), k: 3, floor: 0.6 })
    expect(again).toEqual({ id, job: null })
  })

  test('two SAEs of different widths need activations of both; then they are correlated on the same tokens', async () => {
    const pair = { aId: made.saes[0].id, bId: made.saes[2].id }
    await expect(client.compare.create(pair)).rejects.toThrow(/SAE 2: its features have 8 values/)
    const tokenIds = Array.from({ length: TOKENS }, (_, t) => t % 50)
    const set = putActivations(made.workspace, { ids: tokenIds, contextSize: 12, x: xOther, dIn: D + 2 })
    expect(
      await client.compare.otherTokens({ activationSetId: made.activations.id, bActivationSetId: set.id }),
    ).toBeNull()
    const { id, job } = await client.compare.create({
      ...pair,
      evaluation: evaluation(),
      bActivationSetId: set.id,
    })
    expect((await done(job))?.state).toBe('done')
    const comparison = await client.compare.get({ id })
    expect(comparison.cosine).toBeNull()
    expect(comparison.activations?.noEffect).toMatch(/A reconstructs 6 values, B 8/)
    const { activations } = await client.compare.arrays({ id })
    const column = (weights: typeof small, rows: Float32Array, j: number): number[] => {
      const codes = plainCodes(weights, rows)
      return Array.from({ length: TOKENS }, (_, t) => {
        const at = codes.feature.subarray(codes.start[t], codes.start[t + 1]).indexOf(j)
        return at < 0 ? 0 : codes.value[codes.start[t] + at]
      })
    }
    const { aToB } = activations!.pearson
    const r = pearsonOf(column(small, x, 2), column(other, xOther, aToB.feature[2 * aToB.k]))
    expect(aToB.value[2 * aToB.k]).toBeCloseTo(r, 5)
  })

  test('activations over other tokens are refused, by the first token that differs', async () => {
    const tokenIds = Array.from({ length: TOKENS }, (_, t) => (t === 17 ? 49 : t % 50))
    const set = putActivations(made.workspace, { ids: tokenIds, contextSize: 12, x: xOther, dIn: D + 2 })
    const sets = { activationSetId: made.activations.id, bActivationSetId: set.id }
    expect((await client.compare.otherTokens(sets))?.message).toMatch(/token 17 is 49, in ".*" it is 17/)
    const { job } = await client.compare.create({
      aId: made.saes[0].id,
      bId: made.saes[2].id,
      evaluation: evaluation(),
      bActivationSetId: set.id,
    })
    const ended = await done(job)
    expect(ended?.problem?.message).toMatch(/token 17 is 49, in ".*" it is 17/)
  })
})

describe('further work on a comparison', () => {
  test('matching, sparse map and geometry are found, kept with it and read again', async () => {
    const { id } = await client.compare.create({ ...ids(), k: 3, evaluation: evaluation() })
    expect(await client.compare.matching({ id, by: 'cosine' })).toBeNull()
    for (const by of ['cosine', 'pearson'] as const) {
      await done((await client.compare.findMatching({ id, by })).job)
      const found = await client.compare.matching({ id, by })
      const pairs = [...found!.bOfA].filter((b) => b >= 0)
      expect(new Set(pairs).size).toBe(pairs.length)
      expect(found!.allPairs).toBe(by === 'cosine')
    }
    await done((await client.compare.findSparseMap({ id, kind: 'lasso', candidates: 4 })).job)
    const map = await client.compare.sparseMap({ id, kind: 'lasso' })
    expect(map).toMatchObject({ candidates: 4, evaluatedOn: { tokens: TOKENS } })
    expect(map!.r2).toHaveLength(12)
    const geometry = await client.compare.splitGeometry({ saeId: made.saes[1].id, features: [1, 4, 7] })
    expect(geometry.plane).toHaveLength(6)
    expect(geometry.effectiveDimension).toBeGreaterThan(1)
    expect(geometry.lift).toBeNull()
  })

  test('both are drawn on one map, kept and read again', async () => {
    const { id } = await client.compare.create({ ...ids(), k: 3 })
    const mapped = async () => {
      const steps = await Array.fromAsync(client.compare.map({ id }))
      return { steps: steps.length, map: steps.at(-1)?.map }
    }
    const first = await mapped()
    expect(first.map?.aFeatures).toHaveLength(7)
    expect(first.map?.x).toHaveLength(19)
    expect(first.steps).toBeGreaterThan(1)
    expect(await mapped()).toEqual({ steps: 1, map: first.map })
  })
})

describe('stitching through the engine', () => {
  test('a bench that is not prepared cannot be opened, and can once it is', async () => {
    const { stitch } = requestStitch(made.workspace, {
      baseId: made.saes[1].id,
      donorId: made.saes[0].id,
      evaluation: { ...evaluation(), tokens: 50 },
    })
    const { id } = stitch
    await expect(client.stitch.state({ id })).rejects.toThrow(/not prepared yet/)
    await prepareStitch(id, made.workspace, unstoppable)
    expect((await client.stitch.state({ id })).metrics.features).toBe(12)
    await client.workspace.remove({ id })
  })

  test('prepares, answers from a thread of its own, and saves an SAE', async () => {
    const { id, job } = await client.stitch.create({
      baseId: made.saes[0].id,
      donorId: made.saes[1].id,
      evaluation: evaluation(),
    })
    expect((await done(job))?.state).toBe('done')
    const effects = await client.stitch.effects({ id })
    const change = await client.stitch.apply({ id, edit: edit([4]) })
    expect(change.after.mse - change.before.mse).toBeCloseTo(effects.deltaMse[7 + 4], 10)
    const { saeId } = await client.stitch.save({ id, name: 'made by hand' })
    expect(made.workspace.saes.get(saeId)).toMatchObject({ name: 'made by hand', dSae: 8, complete: true })
  })

  test('the path and the greedy order are found beside the bench, which stays where it is', async () => {
    const [{ id }] = await client.stitch.list({})
    const { id: comparisonId } = await client.compare.create(ids())
    await done((await client.stitch.findPath({ id, comparisonId, threshold: 0.6 })).job)
    await done((await client.stitch.findGreedy({ id, comparisonId, features: 3 })).job)
    const before = await client.stitch.state({ id })
    const path = await client.stitch.path({ id })
    const greedy = await client.stitch.greedy({ id })
    expect(path!.walk.features.at(-1)).toBe(12)
    expect(greedy!.picks.length).toBeLessThanOrEqual(3)
    const moved = await client.stitch.walkTo({ id, step: 2 })
    expect(moved.before).toEqual(before.metrics)
    expect(moved.after.mse).toBeCloseTo(path!.walk.mse[2], 5)
    await expect(client.stitch.walkTo({ id, step: 99 })).rejects.toThrow(/the path has \d+ steps/)
  })

  test('the loss needs the model, and the sentence says so', async () => {
    const [{ id }] = await client.stitch.list({})
    const ended = await done((await client.stitch.measureLoss({ id, points: [0] })).job)
    expect(ended?.problem).toMatchObject({ code: 'not-available' })
  })

  test('a removed stitch takes its files with it', async () => {
    const [{ id }] = await client.stitch.list({})
    expect(Object.keys(await client.workspace.disk({}))).toContain(id)
    await client.workspace.remove({ id })
    expect(await client.stitch.list({})).toEqual([])
  })
})
