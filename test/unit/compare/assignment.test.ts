import { describe, expect, test } from 'vitest'
import { assignRows } from '../../../src-main/compare/assignment.ts'
import { assignCandidates } from '../../../src-main/compare/sparse-assignment.ts'
import { leastCostAssignment } from '../../../src-main/math/assignment.ts'
import { randomDirections, seededRandom } from '../../../src-main/math/random.ts'

/** Every way of giving rows columns of their own. */
function bestByTrying(weight: readonly number[], rows: number, columns: number): number {
  const best = (row: number, used: ReadonlySet<number>): number =>
    row === rows
      ? 0
      : Math.max(
          ...[...Array(columns).keys()]
            .filter((j) => !used.has(j))
            .map((j) => weight[row * columns + j] + best(row + 1, new Set([...used, j]))),
        )
  return best(0, new Set())
}
const total = (weight: ArrayLike<number>, columnOf: Int32Array, columns: number): number =>
  columnOf.reduce((sum, j, i) => sum + weight[i * columns + j], 0)
const isOneToOne = (columnOf: Int32Array): boolean => new Set(columnOf).size === columnOf.length

describe('the plain reference', () => {
  test('finds the least cost that trying everything finds', () => {
    const random = seededRandom(1)
    for (const [rows, columns] of [
      [1, 1],
      [3, 3],
      [3, 5],
      [5, 5],
    ]) {
      const weight = Array.from({ length: rows * columns }, random)
      const found = leastCostAssignment(
        weight.map((w) => -w),
        rows,
        columns,
      )
      expect(isOneToOne(found)).toBe(true)
      expect(total(weight, found, columns)).toBeCloseTo(bestByTrying(weight, rows, columns), 12)
    }
  })
})

describe('one-to-one matching', () => {
  test('by hand: the greedy choice is not the best', () => {
    // 0.9 + 0.1 is less than 0.8 + 0.8.
    expect([...assignRows(Float32Array.of(0.9, 0.8, 0.8, 0.1), 2, 2)]).toEqual([1, 0])
  })

  test.each([
    [40, 40, 'random'],
    [40, 61, 'random'],
    [1, 5, 'random'],
    [120, 120, 'cosines'],
    [90, 150, 'cosines'],
    [60, 60, 'ties'],
  ] as const)('%d × %d %s: the weight of the reference', (rows, columns, kind) => {
    const random = seededRandom(rows + columns)
    const d = 8
    const [a, b] = [randomDirections(rows, d, 1, random), randomDirections(columns, d, 1, random)]
    const cosine = (n: number): number => {
      const [i, j] = [Math.floor(n / columns), n % columns]
      let sum = 0
      for (let c = 0; c < d; c++) sum += a[i * d + c] * b[j * d + c]
      return sum
    }
    const weight = Float32Array.from({ length: rows * columns }, (_, n) =>
      kind === 'cosines' ? cosine(n) : kind === 'ties' ? Math.floor(random() * 4) / 4 : random(),
    )
    const found = assignRows(weight, rows, columns)
    expect(isOneToOne(found)).toBe(true)
    const want = leastCostAssignment(
      weight.map((w) => -w),
      rows,
      columns,
    )
    expect(total(weight, found, columns)).toBeCloseTo(total(weight, want, columns), 5)
  })

  test('finds a permutation again', () => {
    const n = 50
    const random = seededRandom(9)
    const order = Array.from({ length: n }, (_, i) => i).sort(() => random() - 0.5)
    const weight = Float32Array.from({ length: n * n }, (_, k) =>
      order[Math.floor(k / n)] === k % n ? 1 : random() / 2,
    )
    expect([...assignRows(weight, n, n)]).toEqual(order)
  })
})

describe('one-to-one matching among candidates', () => {
  /** Candidates of each row as [column, weight]. */
  const among = (rows: readonly (readonly [number, number])[][], columns: number) =>
    assignCandidates({
      rows: rows.length,
      columns,
      start: Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]),
      column: Int32Array.from(rows.flat(), ([j]) => j),
      weight: Float32Array.from(rows.flat(), ([, w]) => w),
    })

  test('by hand: two rows that want the same column', () => {
    expect([...among([[[0, 0.9], [1, 0.8]], [[0, 0.8]]], 2)]).toEqual([1, 0]) // prettier-ignore
    expect([...among([[[0, 0.9]], [[0, 0.8]]], 2)]).toEqual([0, -1])
    expect([...among([[[0, 0.5]], [[0, 0.8]]], 1)]).toEqual([-1, 0])
    expect([...among([[], [[0, 0.8]]], 1)]).toEqual([-1, 0])
  })

  test.each([1, 2, 3, 4, 5, 6])(
    'has the weight of the reference, a place of its own for every unmatched row (%d)',
    (seed) => {
      const random = seededRandom(seed)
      const [rows, columns] = [30, 25 + seed]
      const lists = Array.from({ length: rows }, () =>
        [...Array(columns).keys()].filter(() => random() < 0.12).map((j) => [j, random()] as const),
      )
      const found = among(lists, columns)
      const matched = found.filter((j) => j >= 0)
      expect(isOneToOne(matched)).toBe(true)
      const cost = new Float64Array(rows * (columns + rows))
      lists.forEach((list, i) => list.forEach(([j, w]) => (cost[i * (columns + rows) + j] = -Math.fround(w))))
      const want = leastCostAssignment(cost, rows, columns + rows)
      const weightOf = (i: number, j: number): number => -cost[i * (columns + rows) + j]
      const sum = (of: Int32Array): number => of.reduce((s, j, i) => s + (j < 0 ? 0 : weightOf(i, j)), 0)
      expect(sum(found)).toBeCloseTo(sum(want), 6)
    },
  )
})
