import { decoderCosine } from '../compare/decoder-cosine.ts'
import { firstMatches } from '../compare/ranked-lists.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { combine, type Picked } from './combine.ts'

/** No edge is above it: only the best match of each feature is wanted. */
const NO_EDGES = 1

/**
 * Frankenstein's SAE before its decoder is refitted (source: stitching SAEs): all features of the first; of each further
 * one, those whose max cosine with every feature taken so far is below the step's threshold.
 * @param forms elementwise forms of the same d_in, the smallest first
 * @param thresholds one for each step after the first
 */
export async function gatherNovel(
  forms: readonly SaeWeights[],
  thresholds: readonly number[],
  onStep: (done: number) => void = () => {},
): Promise<{ picked: Picked[]; weights: SaeWeights }> {
  const [host, ...larger] = forms
  const picked: Picked[] = [{ weights: host, features: Int32Array.from({ length: host.dSae }, (_, j) => j) }]
  let weights = combine(picked, host.bDec)
  for (const [n, next] of larger.entries()) {
    const { aToB } = await decoderCosine(next, weights, { k: 1, floor: NO_EDGES })
    const maxCosine = firstMatches(aToB).value
    const novel = Int32Array.from(maxCosine.keys().filter((j) => maxCosine[j] < thresholds[n]))
    picked.push({ weights: next, features: novel })
    weights = combine(picked, host.bDec)
    onStep(n + 1)
  }
  return { picked, weights }
}
