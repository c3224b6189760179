import type { SparseMap } from '#contract/compare.ts'
import { solvePositive } from '../math/least-squares.ts'
import { explained, lasso } from '../math/sparse-regression.ts'
import type { SparseCodes } from '../sae/weights.ts'
import { activationSimilarity } from './activation-similarity.ts'
import { byFeature, type FeatureCodes } from './token-codes.ts'

export interface SparseMapSettings {
  kind: SparseMap['kind']
  /** In units of correlation, 0 … 1. */
  penalty: number
  /** Predictors of a feature are chosen among so many, the most correlated with it. */
  candidates: number
  /** Features of A up to which the products of all pairs are summed at once. */
  mostAtOnce?: number
}

/** Mean and standard deviation of every feature over the tokens. */
interface Standard {
  mean: Float64Array
  deviation: Float64Array
}

function standard(codes: SparseCodes, features: number): Standard {
  const [mean, deviation] = [new Float64Array(features), new Float64Array(features)]
  for (let e = 0; e < codes.start[codes.rows]; e++) {
    mean[codes.feature[e]] += codes.value[e] / codes.rows
    deviation[codes.feature[e]] += codes.value[e] ** 2 / codes.rows
  }
  for (let j = 0; j < features; j++) deviation[j] = Math.sqrt(Math.max(0, deviation[j] - mean[j] ** 2))
  return { mean, deviation }
}

/** Products of all pairs of so many features are summed once (64 MB); of more, those of a few as they are asked for. */
const MOST_AT_ONCE = 2896

/** [features, features] Σ_t a_i a_j of every pair, in one pass over the codes. */
function allProducts({ rows, start, feature, value }: SparseCodes, features: number): Float64Array {
  const products = new Float64Array(features * features)
  for (let t = 0; t < rows; t++)
    for (let e = start[t]; e < start[t + 1]; e++) {
      const row = feature[e] * features
      const activation = value[e]
      for (let f = start[t]; f < start[t + 1]; f++) products[row + feature[f]] += activation * value[f]
    }
  return products
}

/** Correlations among a few features, [n, n], from their codes alone. */
class Correlations {
  readonly #features: number
  readonly #all: Float64Array | null
  readonly #codes: SparseCodes
  readonly #fires: FeatureCodes
  readonly #standard: Standard
  /** [features] place of a feature in the present choice, −1 elsewhere. */
  readonly #place: Int32Array

  constructor(codes: SparseCodes, features: number, mostAtOnce = MOST_AT_ONCE) {
    this.#codes = codes
    this.#features = features
    this.#all = features <= mostAtOnce ? allProducts(codes, features) : null
    this.#fires = byFeature(codes, features)
    this.#standard = standard(codes, features)
    this.#place = new Int32Array(features).fill(-1)
  }

  get standard(): Standard {
    return this.#standard
  }

  among(chosen: readonly number[]): Float64Array {
    const n = chosen.length
    const products = this.#products(chosen)
    const { mean, deviation } = this.#standard
    return products.map((sum, at) => {
      const [i, j] = [chosen[Math.floor(at / n)], chosen[at % n]]
      return (sum / this.#codes.rows - mean[i] * mean[j]) / (deviation[i] * deviation[j])
    })
  }

  /** [n, n] Σ_t a_i a_j among the chosen. */
  #products(chosen: readonly number[]): Float64Array {
    const n = chosen.length
    const [all, features] = [this.#all, this.#features]
    if (all) return Float64Array.from(chosen.flatMap((i) => chosen.map((j) => all[i * features + j])))
    const { start, token, value } = this.#fires
    const products = new Float64Array(n * n)
    chosen.forEach((feature, i) => (this.#place[feature] = i))
    chosen.forEach((feature, i) => {
      for (let f = start[feature]; f < start[feature + 1]; f++) {
        const t = token[f]
        for (let e = this.#codes.start[t]; e < this.#codes.start[t + 1]; e++) {
          const j = this.#place[this.#codes.feature[e]]
          if (j >= 0) products[i * n + j] += value[f] * this.#codes.value[e]
        }
      }
    })
    for (const feature of chosen) this.#place[feature] = -1
    return products
  }
}

function fit({ kind, penalty }: SparseMapSettings, r: Float64Array, s: Float64Array): Float64Array {
  if (kind === 'lasso') return lasso(r, s, penalty)
  const n = s.length
  // A little is always added: features that are copies of each other would leave the weights undecided.
  const shrunk = r.map((v, at) => (at % (n + 1) === 0 ? v + penalty + 1e-9 : v))
  return solvePositive(shrunk, s, n)
}

/**
 * Fits every feature of B by a few features of A on the same tokens (maths: sparse map between dictionaries). A fit is
 * exact given its candidates; those are the features of A most correlated with it.
 */
export function sparseMap(
  a: SparseCodes,
  aCount: number,
  b: SparseCodes,
  bCount: number,
  settings: SparseMapSettings,
  onFeature: (done: number) => void = () => {},
): Omit<SparseMap, 'evaluatedOn'> {
  const candidates = Math.min(settings.candidates, aCount)
  const best = activationSimilarity(b, bCount, a, aCount, { k: candidates, measure: 'pearson' })
  const among = new Correlations(a, aCount, settings.mostAtOnce)
  const deviationB = standard(b, bCount).deviation
  const r2 = new Float32Array(bCount).fill(NaN)
  const nonZeros = new Int32Array(bCount)
  const predictor = new Int32Array(bCount * candidates).fill(-1)
  const weight = new Float32Array(bCount * candidates)
  let [sum, varying] = [0, 0]
  for (let j = 0; j < bCount; j++) {
    const from = j * best.k
    const count = best.feature.subarray(from, from + best.k).filter((i) => i >= 0).length
    onFeature(j + 1)
    if (count === 0) continue
    const chosen = [...best.feature.subarray(from, from + count)]
    const target = Float64Array.from(best.value.subarray(from, from + count))
    const r = among.among(chosen)
    const w = fit(settings, r, target)
    r2[j] = explained(r, target, w)
    sum += r2[j]
    varying++
    const used = [...w.keys()].filter((n) => w[n] !== 0).sort((p, q) => Math.abs(w[q]) - Math.abs(w[p]))
    nonZeros[j] = used.length
    used.forEach((n, place) => {
      predictor[j * candidates + place] = chosen[n]
      // Back from standard deviations to activations.
      weight[j * candidates + place] = (w[n] * deviationB[j]) / among.standard.deviation[chosen[n]]
    })
  }
  const { kind, penalty } = settings
  return { kind, penalty, candidates, r2, nonZeros, predictor, weight, meanR2: sum / varying }
}
