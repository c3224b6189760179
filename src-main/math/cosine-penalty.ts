import { rowNorms } from './matrix.ts'

type Numbers = ArrayLike<number>

/** Pairs of features that fire on one token, over all tokens: how often each pair i < j, and how many in all. */
function coActive(codes: Numbers, features: number): { pairs: Map<number, number>; total: number } {
  const pairs = new Map<number, number>()
  let total = 0
  for (let start = 0; start < codes.length; start += features)
    for (let j = 0; j < features; j++)
      for (let i = 0; i < j; i++) {
        if (!(codes[start + i] > 0 && codes[start + j] > 0)) continue
        pairs.set(i * features + j, (pairs.get(i * features + j) ?? 0) + 1)
        total++
      }
  return { pairs, total }
}

/**
 * Mean squared cosine between the decoder rows of features that fire on the same token, over all such pairs of all
 * tokens: pushes apart directions that are used together. 0 where no two fire together.
 * @param codes [rows, F]; only which are > 0 counts
 * @param decoder [F, d]
 * @returns the mean and its gradient [F, d]
 */
export function cosinePenalty(
  codes: Numbers,
  decoder: Numbers,
  features: number,
  d: number,
): { value: number; gradient: Float64Array } {
  const { pairs, total } = coActive(codes, features)
  const norms = rowNorms(decoder, d)
  const gradient = new Float64Array(features * d)
  let value = 0
  for (const [pair, count] of pairs) {
    const [i, j] = [Math.floor(pair / features), pair % features]
    if (norms[i] === 0 || norms[j] === 0) continue
    let dot = 0
    for (let c = 0; c < d; c++) dot += decoder[i * d + c] * decoder[j * d + c]
    const cosine = dot / (norms[i] * norms[j])
    value += (count / total) * cosine * cosine
    const pull = (2 * count * cosine) / total
    for (let c = 0; c < d; c++) {
      const [wi, wj] = [decoder[i * d + c] / norms[i], decoder[j * d + c] / norms[j]]
      gradient[i * d + c] += (pull * (wj - cosine * wi)) / norms[i]
      gradient[j * d + c] += (pull * (wi - cosine * wj)) / norms[j]
    }
  }
  return { value, gradient }
}
