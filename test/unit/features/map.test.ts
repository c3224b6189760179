import { describe, expect, test } from 'vitest'
import { featureMap, pairMap } from '../../../src-main/features/feature-map.ts'
import { nearestDirections } from '../../../src-main/features/nearest-directions.ts'
import { seededRandom, normal } from '../../../src-main/math/random.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'

async function last<Y, R>(steps: AsyncGenerator<Y, R, void>): Promise<{ yielded: Y[]; value: R }> {
  const yielded: Y[] = []
  for (;;) {
    const step = await steps.next()
    if (step.done) return { yielded, value: step.value }
    yielded.push(step.value)
  }
}

const D = 8
/** Features in groups of 20, each group around a direction of its own; the last feature has no direction. */
function grouped(groups: number): SaeWeights {
  const random = seededRandom(1)
  const rows = Array.from({ length: groups * 20 }, (_, j) =>
    Array.from({ length: D }, (_, c) => (c === Math.floor(j / 20) ? 5 : 0) + 0.3 * normal(random)),
  )
  const decoder = Float32Array.from([...rows.flat(), ...new Array<number>(D).fill(0)])
  return {
    architecture: 'standard',
    dIn: D,
    dSae: groups * 20 + 1,
    encoder: decoder,
    bEnc: new Float32Array(groups * 20 + 1),
    decoder,
    bDec: new Float32Array(D),
    appliesBDecToInput: true,
    normalizeActivations: 'none',
  }
}

describe('the nearest directions', () => {
  test('are ranked by cosine, each row its own nearest', async () => {
    const rows = Float32Array.of(1, 0, 0, 1, Math.SQRT1_2, Math.SQRT1_2, -1, 0)
    const { value } = await last(nearestDirections(rows, 2, 3))
    expect(value.indices).toEqual([
      [0, 2, 1],
      [1, 2, 0],
      [2, 0, 1],
      [3, 1, 2],
    ])
    expect(value.distances[0][0]).toBe(0)
    expect(value.distances[0][1]).toBeCloseTo(1 - Math.SQRT1_2, 6)
  })
})

describe('the map of features', () => {
  test('puts directions of one group together, and is the same every time', async () => {
    const weights = grouped(3)
    const all = [...Array(61).keys()]
    const { yielded, value: map } = await last(featureMap(weights, all))
    expect(map.features).toEqual(Uint32Array.from(all.slice(0, 60))) // the one without a direction is left out
    expect(yielded).toEqual(yielded.toSorted((a, b) => a - b))
    expect(yielded.at(-1)).toBe(1)
    const distance = (i: number, j: number): number => Math.hypot(map.x[i] - map.x[j], map.y[i] - map.y[j])
    const group = (i: number): number => Math.floor(i / 20)
    const pairs = all.slice(0, 60).flatMap((i) => all.slice(0, i).map((j) => [i, j]))
    const mean = (list: number[][]): number =>
      list.reduce((sum, [i, j]) => sum + distance(i, j), 0) / list.length
    const within = mean(pairs.filter(([i, j]) => group(i) === group(j)))
    const between = mean(pairs.filter(([i, j]) => group(i) !== group(j)))
    expect(within).toBeLessThan(between / 2)
    expect((await last(featureMap(weights, all))).value).toEqual(map)
  })

  test('of two SAEs puts equal directions in one place, those of the first before those of the second', async () => {
    const [a, b] = [grouped(3), grouped(2)] // the same numbers: B is the first two groups of A
    const { value: map } = await last(pairMap(a, b))
    expect([map.aFeatures.length, map.bFeatures.length, map.x.length]).toEqual([60, 40, 100])
    for (const j of [0, 13, 25, 39]) {
      const apart = Math.hypot(map.x[j] - map.x[60 + j], map.y[j] - map.y[60 + j])
      const far = Math.hypot(map.x[j] - map.x[50], map.y[j] - map.y[50])
      expect(apart).toBeLessThan(far / 4)
    }
  })

  test('of one or two features is a point or two', async () => {
    const { value } = await last(featureMap(grouped(1), [3, 4]))
    expect(value.features).toEqual(Uint32Array.of(3, 4))
    expect(value.x).toHaveLength(2)
  })
})
