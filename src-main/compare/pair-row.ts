import type { SaeId } from '#contract/ids.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { activationSimilarity } from './activation-similarity.ts'
import { decoderCosine } from './decoder-cosine.ts'
import { meanBest } from './ranked-lists.ts'
import type { PairRow } from './report-parts.ts'

/** No edge is above it: only the best match of each feature is wanted. */
const NO_EDGES = 1

export interface RowMember {
  id: SaeId
  dSae: number
  dIn: number
}
/** Where weights and codes come from: read when needed, never all at once. */
export interface RowSource {
  weights(id: SaeId): SaeWeights
  /** null without activations. */
  codes: ((which: 'codes' | 'random', id: SaeId) => SparseCodes) | null
  /** Called before each pair; throws to stop. */
  onPair(doing: string): void
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const meanMaxPearson = (a: SparseCodes, aCount: number, b: SparseCodes, bCount: number): number | null =>
  finite(meanBest(activationSimilarity(a, aCount, b, bCount, { k: 1, measure: 'pearson' })))

/** One SAE against every later one, both ways, and against the random SAE like each of all. */
export async function pairRow(members: readonly RowMember[], i: number, source: RowSource): Promise<PairRow> {
  const own = members[i]
  const later = members.slice(i + 1)
  const row: PairRow = { mcs: [], pearson: [], pearsonRandom: [] }
  const weights = source.weights(own.id)
  for (const other of later) {
    source.onPair('comparing directions')
    if (other.dIn !== own.dIn) {
      row.mcs.push([null, null])
      continue
    }
    const { aToB, bToA } = await decoderCosine(weights, source.weights(other.id), { k: 1, floor: NO_EDGES })
    row.mcs.push([finite(meanBest(aToB)), finite(meanBest(bToA))])
  }
  if (!source.codes)
    return { ...row, pearson: later.map(() => [null, null]), pearsonRandom: members.map(() => null) }
  const codes = source.codes('codes', own.id)
  for (const other of later) {
    source.onPair('correlating')
    const theirs = source.codes('codes', other.id)
    row.pearson.push([
      meanMaxPearson(codes, own.dSae, theirs, other.dSae),
      meanMaxPearson(theirs, other.dSae, codes, own.dSae),
    ])
  }
  for (const other of members) {
    source.onPair('correlating with random SAEs')
    row.pearsonRandom.push(meanMaxPearson(codes, own.dSae, source.codes('random', other.id), other.dSae))
  }
  return row
}
