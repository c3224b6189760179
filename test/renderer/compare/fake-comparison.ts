// Three SAEs of 8, 16 and 32 features and the comparisons between them, in memory and the same at every run.
import {
  Comparison,
  type ComparisonArrays,
  type ComparisonMap,
  type Matches,
  type Matching,
} from '#contract/compare.ts'
import type { Job } from '#contract/job.ts'
import type { SaeId } from '#contract/ids.ts'
import type { Answers } from '../fake-engine.ts'
import { fakeWorkspace, noise, type FakeWorkspace } from '../fake-workspace.ts'
import { fakeIndex, fakeLabel, fakePage, fakeTable, fakeWindow } from '../features/fake-features.ts'

export const SAES = ['s-topk0000', 's-topk0002', 's-topk0004'] as SaeId[]
const WIDTHS = [8, 16, 32]
export const PAIR = 'p-pair0001'

/** The workspace with three SAEs only, of widths 8, 16 and 32. */
export function comparedWorkspace(): FakeWorkspace {
  const have = fakeWorkspace()
  have.saes = SAES.map((id, n) => ({
    ...have.saes.find((sae) => sae.id === id)!,
    name: `topk ${WIDTHS[n]}`,
    dSae: WIDTHS[n],
  }))
  return have
}

/** Two best matches of each of `count` features among `others`: feature j is nearest to ⌊j · others / count⌋. */
function matches(count: number, others: number, value: (j: number) => number): Matches {
  const k = 2
  const nearest = (j: number): number => Math.floor((j * others) / count)
  return {
    k,
    value: Float32Array.from({ length: count * k }, (_, n) => value(Math.floor(n / k)) - (n % k) * 0.3),
    feature: Int32Array.from({ length: count * k }, (_, n) =>
      n % k === 0 ? nearest(Math.floor(n / k)) : (nearest(Math.floor(n / k)) + 1) % others,
    ),
  }
}

/** Cosine of feature j of the wider with its parent: from 0.3 up to 1. */
const cosineOf = (j: number, count: number): number => 0.3 + (0.7 * (j + 1)) / count

export function fakeArrays(a: number, b: number, masked = true): ComparisonArrays {
  const bToA = matches(b, a, (j) => cosineOf(j, b))
  const aToB = matches(a, b, (i) => cosineOf(i, a))
  const pairs = Array.from({ length: b }, (_, j) => j).toReversed()
  const both = (scale: number) => ({
    aToB: matches(a, b, (i) => scale * cosineOf(i, a)),
    bToA: matches(b, a, (j) => scale * cosineOf(j, b)),
  })
  return {
    cosine: {
      aToB,
      bToA,
      edges: {
        a: Int32Array.from(pairs, (j) => bToA.feature[2 * j]),
        b: Int32Array.from(pairs),
        cosine: Float32Array.from(pairs, (j) => bToA.value[2 * j]),
      },
    },
    activations: {
      pearson: both(0.9),
      pearsonByChance: both(0.1),
      maskedCosine: masked ? both(0.95) : null,
      aDensity: Float32Array.from({ length: a }, () => 0.1),
      bDensity: Float32Array.from({ length: b }, () => 0.05),
      deltaMse: Float64Array.from({ length: b }, (_, j) => (j < b / 2 ? -0.1 : 0.2) * (1 + noise(j))),
    },
  }
}

export const fakeComparison = (id: string, a: number, b: number): Comparison =>
  Comparison.parse({
    id,
    name: `topk ${WIDTHS[a]} and topk ${WIDTHS[b]}`,
    createdAt: '2026-03-12T11:00:00.000Z',
    provenance: { madeBy: 'compare', from: [SAES[a], SAES[b]], parameters: {}, version: '0.1.0' },
    aId: SAES[a],
    bId: SAES[b],
    aCount: WIDTHS[a],
    bCount: WIDTHS[b],
    settings: { evaluation: { activationSetId: 'a-resid2aa' } },
    cosine: {
      mcs: { aToB: 0.69, bToA: 0.67 },
      nullLine: { aToB: 0.21, bToA: 0.19 },
      k: 2,
      floor: 0.3,
      edges: WIDTHS[b],
    },
    activations: {
      evaluatedOn: { activationSetId: 'a-resid2aa', tokens: 10_000, skippedPosition0: true },
      bActivationSetId: null,
      meanMaxPearson: { aToB: 0.6, bToA: 0.61 },
      varying: { a: WIDTHS[a], b: WIDTHS[b] },
      a: null,
      b: null,
      noEffect: null,
    },
    complete: true,
  })

export const fakeMatching = (allPairs = true): Matching => ({
  by: 'cosine',
  allPairs,
  bOfA: Int32Array.of(1, 3, 5, 7, 9, 11, 13, -1),
  weight: Float32Array.of(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.99, NaN),
  mean: 0.763,
  randomMean: 0.25,
  randomWeight: Float32Array.of(0.2, 0.21, 0.24, 0.25, 0.27, 0.28, 0.3),
})

export const fakeMap = (): ComparisonMap => ({
  aFeatures: Uint32Array.from({ length: 8 }, (_, i) => i),
  bFeatures: Uint32Array.from({ length: 16 }, (_, j) => j),
  x: Float32Array.from({ length: 24 }, (_, i) => noise(i)),
  y: Float32Array.from({ length: 24 }, (_, i) => noise(i + 100)),
})

/** Answers about the first pair, and about 16 → 32 for chains; `some` replaces single ones. */
export function compareAnswers(some: Answers['compare'] = {}): Answers {
  const known = [fakeComparison(PAIR, 0, 1), fakeComparison('p-pair0002', 1, 2)]
  return {
    compare: {
      list: () => known,
      get: ({ id }) => known.find((one) => one.id === id),
      arrays: ({ id }) => (id === PAIR ? fakeArrays(8, 16) : fakeArrays(16, 32)),
      matching: () => null,
      sparseMap: () => null,
      otherTokens: () => null,
      map: async function* () {
        yield { share: 1, map: fakeMap() }
      },
      splitGeometry: ({ features }) => ({
        lift: Float64Array.from({ length: features.length ** 2 }, () => 0.1),
        tokens: 1000,
        effectiveDimension: features.length - 1.2,
        explained: Float64Array.from(features, (_, n) => 1 / 2 ** (n + 1)),
        plane: Float64Array.from({ length: 2 * features.length }, (_, n) => noise(n) - 0.5),
      }),
      ...some,
    },
    labels: { list: ({ saeId }) => (saeId === SAES[0] ? [fakeLabel(1, { label: 'weekday' })] : []) },
    features: {
      indexes: ({ saeId }) => [{ ...fakeIndex(8), saeId: saeId ?? SAES[0] }],
      page: ({ feature }) => fakePage(feature, fakeTable({ count: Array.from({ length: 32 }, () => 50) })),
      windows: ({ tokens, features }) =>
        tokens.map((token) => {
          const one = fakeWindow(token, 2)
          return { ...one, activations: features.map(() => one.activations[0]) }
        }),
    },
  }
}

/** A job of a comparison that is under way. */
export const fakeJob = (params: Job['params']): Job => ({
  id: 'j-further1' as Job['id'],
  kind: 'compare',
  title: 'Match topk 8 and topk 16 one-to-one',
  state: 'running',
  makes: null,
  params,
  progress: { doing: 'matching', done: 3, total: 8, unit: 'features', perSecond: null, secondsLeft: null },
  result: null,
  problem: null,
  createdAt: '2026-03-12T12:00:00.000Z',
  startedAt: '2026-03-12T12:00:00.000Z',
  endedAt: null,
})
