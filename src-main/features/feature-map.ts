import { setImmediate } from 'node:timers/promises'
import { UMAP } from 'umap-js'
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

/**
 * Decoder directions in the plane: those that point the same way lie together. UMAP (McInnes et al. 2018) on exact
 * cosine neighbours; the same map for the same features every time. Features with a decoder row of zeros are left out.
 * Yields the share that is done, and lets other work through in between.
 */
export async function* featureMap(
  { decoder, dIn }: SaeWeights,
  features: readonly number[],
): AsyncGenerator<number, FeatureMap, void> {
  const norms = rowNorms(decoder, dIn)
  const shown = features.filter((feature) => norms[feature] > 0)
  const k = Math.min(NEIGHBOURS, shown.length - 1)
  if (k < 2)
    return {
      features: Uint32Array.from(shown),
      x: new Float32Array(shown.length),
      y: new Float32Array(shown.length),
    }
  const rows = new Float32Array(shown.length * dIn)
  shown.forEach((feature, i) => {
    for (let c = 0; c < dIn; c++) rows[i * dIn + c] = decoder[feature * dIn + c] / norms[feature]
  })
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
    features: Uint32Array.from(shown),
    x: Float32Array.from(places, ([x]) => x),
    y: Float32Array.from(places, ([, y]) => y),
  }
}
