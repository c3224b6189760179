// A bench of four features of A and six of B in memory, for tests of the Stitch view.
import type { CandidateEffects, HistoryPoint, HybridMetrics, StitchEdit } from '#contract/stitch.ts'
import type { Answers } from '../fake-engine.ts'

const [BASE, DONOR, D] = [4, 6, 64]
const at = '2026-03-12T09:24:00.000Z'
const none = { add: new Int32Array(0), remove: new Int32Array(0) }

/** ΔMSE of adding each feature of A and of B to nothing: effects that simply add up. */
const WORTH = [-4, -3, -2, -1, -0.5, 0.25, -0.4, 0.1, -0.3, 0]
const DENSITY = [0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0]

const metricsOf = (members: ReadonlySet<number>): HybridMetrics => {
  const mse = [...members].reduce((sum, k) => sum + WORTH[k], 20)
  return {
    mse,
    explainedVariance: 1 - mse / 40,
    l0: [...members].reduce((sum, k) => sum + DENSITY[k], 0),
    features: members.size,
    parameters: members.size * (2 * D + 1) + D,
    dead: members.has(9) ? 1 : 0,
  }
}

/** The answers of an engine with one bench, and what it was asked to measure. */
export function fakeBench(): { answers: Answers; asked: { points?: number[]; quiet?: boolean }[] } {
  const histories: { parent: number | null; title: string; members: Set<number>; redo: number | null }[] = [
    { parent: null, title: 'the base as it is', members: new Set([0, 1, 2, 3]), redo: null },
  ]
  let head = 0
  const losses: { point: number; loss: number }[] = []
  const asked: { points?: number[]; quiet?: boolean }[] = []
  const after = (edit: StitchEdit): Set<number> => {
    const members = new Set(histories[head].members)
    for (const k of edit.base.remove) members.delete(k)
    for (const j of edit.donor.remove) members.delete(BASE + j)
    for (const k of edit.base.add) members.add(k)
    for (const j of edit.donor.add) members.add(BASE + j)
    return members
  }
  const change = (members: ReadonlySet<number>) => ({
    before: metricsOf(histories[head].members),
    after: metricsOf(members),
  })
  const goTo = (point: number) => {
    const moved = { point, ...change(histories[point].members) }
    head = point
    return moved
  }
  const state = () => ({
    point: head,
    metrics: metricsOf(histories[head].members),
    history: histories.map(({ parent, title, members }, point): HistoryPoint => {
      return { point, parent, title, metrics: metricsOf(members), at }
    }),
    versions: [],
    canUndo: histories[head].parent !== null,
    canRedo: histories[head].redo !== null,
  })
  const effects = (): CandidateEffects => {
    const { members } = histories[head]
    return {
      point: head,
      inHybrid: Uint8Array.from(WORTH, (_, k) => Number(members.has(k))),
      deltaMse: Float64Array.from(WORTH, (worth, k) => (members.has(k) ? -worth : worth)),
      density: Float32Array.from(DENSITY),
      explains: Float32Array.from(WORTH, (worth) => Math.max(0, -worth / 100)),
      overPredicted: members.size - BASE + 1,
      overPredictedBase: 1,
    }
  }
  const parents = { baseId: 's-topk0000', donorId: 's-topk0001', baseCount: BASE, donorCount: DONOR }
  const evaluation = { activationSetId: 'a-resid2aa', tokens: 100_000, skipPosition0: true }
  const job = { id: 'j-loss1111', kind: 'stitch', title: 'Loss', state: 'done', makes: null, params: {} }
  const ends = { progress: null, result: {}, problem: null, createdAt: at, startedAt: at, endedAt: at }
  const bench = {
    id: 't-bench001',
    name: 'B into A',
    createdAt: at,
    provenance: { madeBy: 'stitch', from: [], parameters: {}, version: '0.1.0' },
    ...parents,
    evaluation,
    evaluatedOn: { activationSetId: 'a-resid2aa', tokens: 1000, skippedPosition0: true },
    baseForm: { kind: 'exact' },
    donorForm: { kind: 'exact' },
    complete: true,
  }
  const matches = (n: number, value: number[], feature: number[]) => ({
    k: 1,
    value: Float32Array.from({ length: n }, (_, i) => value[i] ?? 0.1),
    feature: Int32Array.from({ length: n }, (_, i) => feature[i] ?? 0),
  })
  const answers: Answers = {
    jobs: { get: () => ({ ...job, ...ends }), cancel: () => null, forget: () => null, list: () => [] },
    labels: { list: () => [] },
    compare: {
      list: () => [],
      create: () => ({ job: null, id: 'p-compare1' }),
      arrays: () => ({
        cosine: {
          aToB: matches(BASE, [0.95, 0.9], [0, 2]),
          bToA: matches(DONOR, [0.95, 0.9, 0.9], [0, 0, 1]),
          edges: {
            a: Int32Array.of(0, 0, 1),
            b: Int32Array.of(0, 1, 2),
            cosine: Float32Array.of(0.95, 0.9, 0.9),
          },
        },
        activations: null,
      }),
    },
    models: { vocabulary: () => [] },
    stitch: {
      list: () => [bench],
      get: () => bench,
      state,
      effects,
      preview: ({ edit }) => change(after(edit)),
      overPredicted: ({ edit }) => ({ after: after(edit).size - BASE + 1 }),
      apply: ({ edit }) => {
        const members = after(edit)
        const moved = { point: histories.length, ...change(members) }
        histories[head].redo = histories.length
        histories.push({ parent: head, title: edit.title, members, redo: null })
        head = histories.length - 1
        return moved
      },
      undo: () => goTo(histories[head].parent ?? 0),
      redo: () => goTo(histories[head].redo ?? head),
      goTo: ({ point }) => goTo(point),
      difference: () => ({ title: 'from 0 to 1', base: none, donor: { ...none, add: Int32Array.of(0) } }),
      losses: () => ({
        rows: 32,
        skippedPosition0: true,
        clean: 1,
        zero: 5,
        mean: 4,
        points: losses,
        steps: [],
      }),
      measureLoss: ({ points = [], quiet }) => {
        asked.push({ points, quiet })
        for (const point of points)
          if (!losses.some((one) => one.point === point)) losses.push({ point, loss: 2 - 0.25 * point })
        return { job: job.id }
      },
      path: () => null,
      greedy: () => null,
      tokenErrors: () => ({
        ids: null,
        position: Int32Array.of(1, 2),
        base: Float64Array.of(4, 2),
        hybrid: Float64Array.of(3, 2.5),
      }),
    },
  }
  return { answers, asked }
}
