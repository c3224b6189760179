import type { Neighbour } from '#contract/feature.ts'
import { problem } from '#contract/problem.ts'
import type { SaeWeights } from '../sae/weights.ts'

/** Features of `among` with the largest decoder cosine with feature `feature` of `from`; itself left out. */
export function neighbours(from: SaeWeights, feature: number, among: SaeWeights, count: number): Neighbour[] {
  if (from.dIn !== among.dIn)
    throw problem(
      'mismatch',
      'neighbours',
      `one SAE reads activations of width ${from.dIn}, the other of ${among.dIn}`,
    )
  const cosines = decoderCosines(directionOf(from, feature), among)
  if (from === among) cosines[feature] = -Infinity
  const order = Uint32Array.from(cosines.keys()).sort((a, b) => cosines[b] - cosines[a] || a - b)
  return Array.from(order.subarray(0, count), (j) => ({ feature: j, cosine: cosines[j] })).filter(
    ({ cosine }) => cosine > -Infinity,
  )
}

/** Row `feature` of the decoder. @throws Problem when there is no such feature. */
export function directionOf({ decoder, dIn, dSae }: SaeWeights, feature: number): Float32Array {
  if (feature >= dSae)
    throw problem('bad-input', `feature ${feature}`, `this SAE has features 0 to ${dSae - 1}`)
  return decoder.subarray(feature * dIn, (feature + 1) * dIn)
}

/** [dSae] cosine of a direction with every decoder row; 0 with a row of zeros. */
function decoderCosines(direction: Float32Array, { decoder, dIn, dSae }: SaeWeights): Float64Array {
  const norm = Math.hypot(...direction)
  const cosines = new Float64Array(dSae)
  for (let j = 0; j < dSae; j++) {
    let dot = 0
    let square = 0
    for (let i = 0, at = j * dIn; i < dIn; i++, at++) {
      dot += direction[i] * decoder[at]
      square += decoder[at] * decoder[at]
    }
    cosines[j] = square > 0 && norm > 0 ? dot / (norm * Math.sqrt(square)) : 0
  }
  return cosines
}
