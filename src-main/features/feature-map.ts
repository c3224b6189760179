import { setImmediate } from 'node:timers/promises'
import { UMAP } from 'umap-js'
import type { ComparisonMap } from '#contract/compare.ts'
import type { FeatureMap } from '#contract/feature.ts'
import { seededRandom } from '../math/random.ts'
import { rowNorms } from '../sae/folding.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { nearestDirections } from './nearest-directions.ts'

/** More would take minutes. */
export const FEATURES_ON_MAP = 10_000
/** UMAP's neighbours: how far "near" reaches. */
const NEIGHBOURS = 15
const EPOCHS = 300
/** The share of the time that finding neighbours takes, about. */
const NEIGHBOURS_SHARE = 0.2

type Places = Pick<FeatureMap, 'x' | 'y'>

/** The features of some that have a direction, and their decoder rows at length 1. */
function directionsOf({ decoder, dIn }: SaeWeights, features: readonly number[]) {
  const norms = rowNorms(decoder, dIn)
  const shown = features.filter((feature) => norms[feature] > 0)
  const rows = new Float32Array(shown.length * dIn)
  shown.forEach((feature, i) => {
    for (let c = 0; c < dIn; c++) rows[i * dIn + c] = decoder[feature * dIn + c] / norms[feature]
  })
  return { shown: Uint32Array.from(shown), rows }
}

/**
 * Decoder directions in the plane: those that point the same way lie together. Features with a decoder row of zeros are
 * left out. Yields the share that is done, and lets other work through in between.
 */
export async function* featureMap(
  weights: SaeWeights,
  features: readonly number[],
): AsyncGenerator<number, FeatureMap, void> {
  const { shown, rows } = directionsOf(weights, features)
  return { features: shown, ...(yield* placed(rows, weights.dIn)) }
}

/** So many of 0 … count − 1, evenly taken; all of them where there are no more. */
const evenly = (count: number, most: number): number[] =>
  count <= most
    ? Array.from({ length: count }, (_, j) => j)
    : Array.from({ length: most }, (_, n) => Math.floor((n * count) / most))

/** Directions of two SAEs of one width in the same plane; of more than FEATURES_ON_MAP an even share of each is taken. */
export async function* pairMap(a: SaeWeights, b: SaeWeights): AsyncGenerator<number, ComparisonMap, void> {
  const share = Math.min(1, FEATURES_ON_MAP / (a.dSae + b.dSae))
  const [ofA, ofB] = [a, b].map((sae) => directionsOf(sae, evenly(sae.dSae, Math.floor(sae.dSae * share))))
  const rows = new Float32Array(ofA.rows.length + ofB.rows.length)
  rows.set(ofA.rows)
  rows.set(ofB.rows, ofA.rows.length)
  return { aFeatures: ofA.shown, bFeatures: ofB.shown, ...(yield* placed(rows, a.dIn)) }
}

/**
 * UMAP (McInnes et al. 2018) on exact cosine neighbours of rows [n, d] of norm 1; the same places for the same rows
 * every time.
 */
async function* placed(rows: Float32Array, dIn: number): AsyncGenerator<number, Places, void> {
  const count = rows.length / dIn
  const k = Math.min(NEIGHBOURS, count - 1)
  if (k < 2) return { x: new Float32Array(count), y: new Float32Array(count) }
  const nearest = nearestDirections(rows, dIn, k)
  let step = await nearest.next()
  for (; !step.done; step = await nearest.next()) yield NEIGHBOURS_SHARE * step.value
  const umap = new UMAP({ nNeighbors: k, nEpochs: EPOCHS, minDist: 0.1, random: seededRandom(1) })
  umap.setPrecomputedKNN(step.value.indices, step.value.distances)
  // With its neighbours given, UMAP asks the data only how many there are.
  const epochs = umap.initializeFit(step.value.indices)
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    yield NEIGHBOURS_SHARE + (1 - NEIGHBOURS_SHARE) * ((epoch + 1) / epochs)
    await setImmediate()
  }
  const places = umap.getEmbedding()
  return {
    x: Float32Array.from(places, ([x]) => x),
    y: Float32Array.from(places, ([, y]) => y),
  }
}
