import type { Matches, Matching } from '#contract/compare.ts'
import { randomDirections, seededRandom } from '../math/random.ts'
import { assignRows } from './assignment.ts'
import { decoderCosine, unitRows, type Directions } from './decoder-cosine.ts'
import { openRowProduct } from './row-product.ts'
import { assignCandidates, type Candidates } from './sparse-assignment.ts'

/** The cosine matrix is held whole up to this many entries (256 MB); above, the k best of each feature are matched. */
const MOST_PAIRS = 2 ** 26
/** The random directions beside a matching are the same every time. */
const RANDOM_SEED = 1

export interface OneToOne {
  /** [aCount] −1: none. */
  bOfA: Int32Array
  weight: Float32Array
  mean: number
  allPairs: boolean
}
type Report = (doing: string, done: number, total: number) => void

const matchedOnly = (weight: Float32Array): Float32Array => weight.filter((w) => !Number.isNaN(w))

function result(bOfA: Int32Array, weightOf: (a: number, b: number) => number, allPairs: boolean): OneToOne {
  const weight = Float32Array.from(bOfA, (b, a) => (b < 0 ? NaN : weightOf(a, b)))
  const matched = matchedOnly(weight)
  return { bOfA, weight, allPairs, mean: matched.reduce((sum, w) => sum + w, 0) / matched.length }
}

/** Every row of the smaller side gets a partner. */
async function matchAllPairs(a: Directions, b: Directions, report: Report): Promise<OneToOne> {
  const turned = a.dSae > b.dSae
  const [rows, columns] = turned ? [b, a] : [a, b]
  const product = await openRowProduct(a.dIn)
  let cosine: Float32Array
  try {
    const room = new Float32Array(rows.dSae * columns.dSae)
    cosine = await product.multiply(unitRows(rows), rows.dSae, unitRows(columns), columns.dSae, room)
  } finally {
    await product.close()
  }
  const columnOf = assignRows(cosine, rows.dSae, columns.dSae, (done, total) =>
    report('matching', done, total),
  )
  const at = (row: number, column: number): number => cosine[row * columns.dSae + column]
  if (!turned) return result(columnOf, at, true)
  const bOfA = new Int32Array(a.dSae).fill(-1)
  columnOf.forEach((column, row) => (bOfA[column] = row))
  return result(bOfA, (x, y) => at(y, x), true)
}

/** The union of what each side holds for its best, as candidates of A's features; weights that are not positive are left out. */
export function candidatesOf(aToB: Matches, bToA: Matches): Candidates {
  const [rows, columns] = [aToB.feature.length / aToB.k, bToA.feature.length / bToA.k]
  const lists = Array.from({ length: rows }, () => new Map<number, number>())
  aToB.feature.forEach((b, n) => {
    if (b >= 0 && aToB.value[n] > 0) lists[Math.floor(n / aToB.k)].set(b, aToB.value[n])
  })
  bToA.feature.forEach((a, n) => {
    if (a >= 0 && bToA.value[n] > 0) lists[a].set(Math.floor(n / bToA.k), bToA.value[n])
  })
  const start = new Uint32Array(rows + 1)
  lists.forEach((list, i) => (start[i + 1] = start[i] + list.size))
  const entries = lists.flatMap((list) => [...list])
  return {
    rows,
    columns,
    start,
    column: Int32Array.from(entries, ([column]) => column),
    weight: Float32Array.from(entries, ([, weight]) => weight),
  }
}

/** Matches among the best candidates of each feature only. */
export function matchCandidates(aToB: Matches, bToA: Matches, report: Report): OneToOne {
  const candidates = candidatesOf(aToB, bToA)
  const { rows, start, column, weight } = candidates
  const bOfA = assignCandidates(candidates, (done) => report('matching', done, rows))
  const weightOf = (a: number, b: number): number =>
    weight[start[a] + column.subarray(start[a], start[a + 1]).indexOf(b)]
  return result(bOfA, weightOf, false)
}

async function matchDirections(a: Directions, b: Directions, k: number, report: Report): Promise<OneToOne> {
  if (a.dSae * b.dSae <= MOST_PAIRS) return matchAllPairs(a, b, report)
  const { aToB, bToA } = await decoderCosine(a, b, {
    k,
    floor: 1,
    onTile: (done, total) => report('comparing directions', done, total),
  })
  return matchCandidates(aToB, bToA, report)
}

/** The matching by decoder cosine, and the same matching on as many random directions beside it. */
export async function matchByCosine(
  a: Directions,
  b: Directions,
  k: number,
  report: Report,
): Promise<Matching> {
  const { allPairs, ...found } = await matchDirections(a, b, k, report)
  const random = seededRandom(RANDOM_SEED)
  const like = ({ dIn, dSae }: Directions): Directions => ({
    dIn,
    dSae,
    decoder: randomDirections(dSae, dIn, 1, random),
  })
  const { mean: randomMean, weight } = await matchDirections(like(a), like(b), k, report)
  return { by: 'cosine', allPairs, ...found, randomMean, randomWeight: matchedOnly(weight) }
}

interface BothWays {
  aToB: Matches
  bToA: Matches
}
/** By Pearson correlation, among the best candidates of each feature; beside it the same on shuffled tokens, where that is known. */
export function matchByPearson(found: BothWays, byChance: BothWays | null, report: Report): Matching {
  const matching = { by: 'pearson' as const, ...matchCandidates(found.aToB, found.bToA, report) }
  if (byChance === null) return { ...matching, randomMean: null, randomWeight: null }
  const { mean, weight } = matchCandidates(byChance.aToB, byChance.bToA, report)
  return { ...matching, randomMean: mean, randomWeight: matchedOnly(weight) }
}
