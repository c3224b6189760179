import type { SparseCodes } from '../sae/weights.ts'

/** gram [dSae, dSae] += aᵀa for the codes a of one token. */
export function addGram(
  { start, feature, value }: SparseCodes,
  token: number,
  gram: Float32Array | Float64Array,
  dSae: number,
): void {
  for (let e = start[token]; e < start[token + 1]; e++)
    for (let o = start[token], a = value[e], row = feature[e] * dSae; o < start[token + 1]; o++)
      gram[row + feature[o]] += a * value[o]
}
