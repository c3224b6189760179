import { plusRow, timesTransposed } from './matrix.ts'
import { outputBias, type SaeKind, type SaeParameters } from './sae-parameters.ts'

type Numbers = ArrayLike<number>

/** Encoder products u = (x − b_dec)·W_enc without bias, [rows, F]. */
export function encoderProducts(kind: SaeKind, p: SaeParameters, x: Numbers, rows: number): Float64Array {
  const centred = plusRow(x, outputBias(p, kind.dIn), -1)
  return timesTransposed(centred, p.encoder, rows, kind.dIn, kind.dSae)
}

export const relu = (pre: Numbers): Float64Array => Float64Array.from(pre, (v) => Math.max(0, v))

/** The k largest positive of each row of pre [.., n], else 0; of equal ones the lower feature. */
export function largestOfEachRow(pre: Numbers, n: number, k: number): Float64Array {
  const out = new Float64Array(pre.length)
  for (let start = 0; start < pre.length; start += n) keepLargest(pre, start, start + n, k, out)
  return out
}

/** The `count` largest positive of all of pre, else 0; of equal ones the earlier. */
export function largestOfBatch(pre: Numbers, count: number): Float64Array {
  const out = new Float64Array(pre.length)
  keepLargest(pre, 0, pre.length, count, out)
  return out
}

function keepLargest(pre: Numbers, start: number, end: number, count: number, out: Float64Array): void {
  const places = Array.from({ length: end - start }, (_, i) => start + i).filter((i) => pre[i] > 0)
  places.sort((a, b) => pre[b] - pre[a] || a - b)
  for (const i of places.slice(0, count)) out[i] = pre[i]
}

/** pre · 1[pre > θ_j] with θ of each column. */
export function jump(pre: Numbers, threshold: Numbers): Float64Array {
  return Float64Array.from(pre, (v, i) => (v > threshold[i % threshold.length] ? v : 0))
}

/** Gated: 1[u + b_gate > 0] · ReLU(u e^{r_mag} + b_mag), u [.., F]. */
export function gatedCodes(products: Numbers, bGate: Numbers, rMag: Numbers, bMag: Numbers): Float64Array {
  return Float64Array.from(products, (u, i) => {
    const j = i % bGate.length
    return u + bGate[j] > 0 ? Math.max(0, u * Math.exp(rMag[j]) + bMag[j]) : 0
  })
}

/** Codes [rows, F] as training sees them (batchtopk and matryoshka: the k·rows largest of this batch). */
export function trainingCodes(kind: SaeKind, p: SaeParameters, x: Numbers, rows: number): Float64Array {
  const products = encoderProducts(kind, p, x, rows)
  const pre = plusRow(products, p.bEnc)
  switch (kind.architecture) {
    case 'tied':
    case 'standard':
      return relu(pre)
    case 'topk':
      return largestOfEachRow(pre, kind.dSae, kind.k)
    case 'batchtopk':
    case 'matryoshka':
      return largestOfBatch(pre, kind.k * rows)
    case 'jumprelu':
      return jump(pre, (p.logThreshold ?? []).map(Math.exp))
    case 'gated':
      return gatedCodes(products, p.bEnc, p.rMag ?? [], p.bMag ?? [])
  }
}

/** For each row the auxK largest positive pre-activations among the dead features, [rows, F]. */
export function deadCodes(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  dead: readonly boolean[],
  auxK: number,
): Float64Array {
  const pre = plusRow(encoderProducts(kind, p, x, rows), p.bEnc)
  const ofDead = pre.map((v, i) => (dead[i % kind.dSae] ? v : 0))
  return largestOfEachRow(ofDead, kind.dSae, auxK)
}
