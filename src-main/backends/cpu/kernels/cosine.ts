// The mean squared cosine between decoder rows that fire together (math/cosine-penalty.ts is the plain form).
import { putWord, real, rowAt, word } from './access'
import { Step } from './structs'
import { axpy, dot, zero } from './vector'

/** Notes in partners/counts which features fire with j on the rows looked at, and how often. @returns how many */
function partnersOf(step: Step, j: u32, partners: usize, counts: usize): u32 {
  const codes = step.codes
  let found: u32 = 0
  for (let place = word(codes.columnStart, j), end = word(codes.columnStart, j + 1); place < end; place++) {
    const r = word(codes.columnRow, place)
    if (r % step.cosineStride != 0 || !(real(codes.value, word(codes.columnEntry, place)) > 0)) continue
    const first = word(codes.rowStart, r)
    for (let entry = first, last = first + word(codes.rowCount, r); entry < last; entry++) {
      const i = word(codes.feature, entry)
      if (i == j || !(real(codes.value, entry) > 0)) continue
      const count = word(counts, i)
      if (count == 0) putWord(partners, found++, i)
      putWord(counts, i, count + 1)
    }
  }
  return found
}

/**
 * cosineGradient of features [from, to): each pair is met once from either side, so each adds half to the sum.
 * partners and counts hold one number per feature; counts is zero before and after. @returns Σ pairs cos²
 */
export function cosineGradients(step: Step, from: u32, to: u32, partners: usize, counts: usize): f64 {
  const bytes = <usize>step.d << 2
  let sum: f64 = 0
  for (let j = from; j < to; j++) {
    const out = rowAt(step.cosineGradient, j, bytes)
    const row = rowAt(step.decoder.value, j, bytes)
    const norm = real(step.weight, j)
    zero(out, bytes)
    let along: f32 = 0
    for (let p: u32 = 0, found = partnersOf(step, j, partners, counts); p < found; p++) {
      const i = word(partners, p)
      const count = f32(word(counts, i))
      putWord(counts, i, 0)
      const other = rowAt(step.decoder.value, i, bytes)
      const norms = norm * real(step.weight, i)
      if (norms == 0) continue
      const cosine = dot(row, other, bytes) / norms
      sum += 0.5 * f64(count) * f64(cosine) * f64(cosine)
      const pull: f32 = <f32>2 * step.cosineScale * count * cosine
      axpy(out, other, pull / norms, bytes)
      along += pull * cosine
    }
    if (norm > 0) axpy(out, row, -along / (norm * norm), bytes)
  }
  return sum
}
