import type { SaeWeights } from '../sae/weights.ts'
import type { EvaluationPart } from './evaluation-builder.ts'

/**
 * Host and donor on the tokens that count, sparse and in memory: what every change in error follows from, without the
 * activations themselves. Features of both are numbered through as candidates: 0 … baseCount − 1 are the host's
 * (the base), the rest the donor's. About 28 bytes per non-zero code: 100,000 tokens at L0 40 + 40 take 225 MB, and both
 * decoders as they are.
 */
export interface EvaluationSet {
  tokens: number
  d: number
  baseCount: number
  donorCount: number
  /** [tokens] number of each token in its activation set. */
  tokenNumber: Int32Array
  /** [tokens + 1] the codes of token t are entries start[t] … start[t + 1] − 1. */
  start: Uint32Array
  /** [entries] candidate, ascending within a token. */
  candidate: Uint32Array
  /** [entries] */
  activation: Float32Array
  /** [entries] r_t · w of the entry's candidate, r the residual of the base alone. */
  along: Float64Array
  /** [tokens] ‖r_t‖² of the base alone. */
  error: Float64Array
  /** Σ_t ‖x_t − x̄‖² */
  deviation: number
  /** [baseCount + donorCount, d] */
  decoder: Float32Array
}

/** Where each candidate fires: its entries are entry[first[k]] … entry[first[k + 1] − 1], by ascending token. */
export interface FiringLists {
  /** [candidates + 1] */
  first: Uint32Array
  entry: Uint32Array
  /** [entries] the token of each entry. */
  token: Uint32Array
}

export function firingLists({ tokens, start, candidate, baseCount, donorCount }: EvaluationSet): FiringLists {
  const candidates = baseCount + donorCount
  const first = new Uint32Array(candidates + 1)
  const entries = start[tokens]
  for (let e = 0; e < entries; e++) first[candidate[e] + 1]++
  for (let k = 0; k < candidates; k++) first[k + 1] += first[k]
  const next = first.slice()
  const entry = new Uint32Array(entries)
  const token = new Uint32Array(entries)
  for (let t = 0; t < tokens; t++)
    for (let e = start[t]; e < start[t + 1]; e++) {
      entry[next[candidate[e]]++] = e
      token[e] = t
    }
  return { first, entry, token }
}

/** Puts parts together. `decoders` are those of the elementwise forms. */
export function assemble(
  parts: readonly EvaluationPart[],
  base: Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>,
  donor: Pick<SaeWeights, 'decoder' | 'dSae'>,
): EvaluationSet {
  const count = (of: (part: EvaluationPart) => ArrayLike<number>): number =>
    parts.reduce((sum, part) => sum + of(part).length, 0)
  const [tokens, entries] = [count((p) => p.tokenNumber), count((p) => p.candidate)]
  const set: EvaluationSet = {
    tokens,
    d: base.dIn,
    baseCount: base.dSae,
    donorCount: donor.dSae,
    tokenNumber: new Int32Array(tokens),
    start: new Uint32Array(tokens + 1),
    candidate: new Uint32Array(entries),
    activation: new Float32Array(entries),
    along: new Float64Array(entries),
    error: new Float64Array(tokens),
    deviation: 0,
    decoder: new Float32Array(base.decoder.length + donor.decoder.length),
  }
  set.decoder.set(base.decoder)
  set.decoder.set(donor.decoder, base.decoder.length)
  const sum = new Float64Array(base.dIn)
  let [token, entry, squares] = [0, 0, 0]
  for (const part of parts) {
    set.tokenNumber.set(part.tokenNumber, token)
    set.error.set(part.error, token)
    set.candidate.set(part.candidate, entry)
    set.activation.set(part.activation, entry)
    set.along.set(part.along, entry)
    for (let t = 1; t < part.start.length; t++) set.start[token + t] = entry + part.start[t]
    for (let c = 0; c < sum.length; c++) sum[c] += part.sum[c]
    squares += part.squares
    token += part.tokenNumber.length
    entry += part.candidate.length
  }
  set.deviation = squares - sum.reduce((total, s) => total + (s * s) / tokens, 0)
  return set
}
