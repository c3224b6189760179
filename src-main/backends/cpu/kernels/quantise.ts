// Rows in 8 bits, with bounds on what that loses: s·q for a row, q in −127 … 127, s its largest magnitude / 127.
import { putReal, real, rowAt } from './access'
import { sum } from './vector'

/** Rounding of float32 in norms, in the exact products and in the comparison itself, as a share of ‖x‖‖w‖. */
const SLACK: f32 = 3e-5

/**
 * Rows [from, to) of the encoder [.., d], each dimension times its factor, as bytes q + 128 in out [.., d].
 * scales gets s, norms ‖s q‖, errors ‖w − s q‖ with the slack, per row.
 */
export function quantiseRows(
  rows: usize, from: u32, to: u32, d: u32, factors: usize,
  out: usize, scales: usize, norms: usize, errors: usize,
): void {
  const bytes = <usize>d << 2
  for (let j = from; j < to; j++) {
    const row = rowAt(rows, j, bytes)
    const target = rowAt(out, j, d)
    const scale = largestOf(row, factors, bytes) / 127
    const s = f32x4.splat(scale)
    const inverse = f32x4.splat(scale > 0 ? 1 / scale : 0)
    let square = f32x4.splat(0)
    let lost = f32x4.splat(0)
    let whole = f32x4.splat(0)
    for (let i: usize = 0; i < bytes; i += 16) {
      const w = f32x4.mul(v128.load(row + i), v128.load(factors + i))
      const q = f32x4.nearest(f32x4.mul(w, inverse))
      const kept = f32x4.mul(q, s)
      const gone = f32x4.sub(w, kept)
      square = f32x4.add(square, f32x4.mul(kept, kept))
      lost = f32x4.add(lost, f32x4.mul(gone, gone))
      whole = f32x4.add(whole, f32x4.mul(w, w))
      // Four 32-bit numbers of −127 … 127 to four bytes, 128 added.
      const wide = i32x4.add(i32x4.trunc_sat_f32x4_s(q), i32x4.splat(128))
      const narrow = i16x8.narrow_i32x4_s(wide, wide)
      store<u32>(target + (i >> 2), i32x4.extract_lane(i8x16.narrow_i16x8_u(narrow, narrow), 0))
    }
    putReal(scales, j, scale)
    putReal(norms, j, sqrt<f32>(sum(square)) * (1 + SLACK))
    putReal(errors, j, sqrt<f32>(sum(lost)) * (1 + SLACK) + sqrt<f32>(sum(whole)) * SLACK)
  }
}

/** The largest magnitude of a row, each number times its factor. */
function largestOf(row: usize, factors: usize, bytes: usize): f32 {
  let most = f32x4.splat(0)
  for (let i: usize = 0; i < bytes; i += 16)
    most = f32x4.max(most, f32x4.abs(f32x4.mul(v128.load(row + i), v128.load(factors + i))))
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  )
}

/**
 * `count` input rows [.., d] from `rows` on, each dimension times its factor, as signed bytes in out [d, padded], zeros
 * beyond count. In units of a row's own scale s: errors ‖x − s q‖/s, norms ‖x‖/s, inverses 1/s. lengths gets ‖x‖ without
 * factors.
 */
export function quantiseInputs(
  rows: usize, count: u32, padded: u32, d: u32, factors: usize,
  out: usize, errors: usize, norms: usize, inverses: usize, lengths: usize,
): void {
  memory.fill(out, 0, <usize>d * padded)
  for (let t = count; t < padded; t++) {
    putReal(errors, t, 0)
    putReal(norms, t, 0)
    putReal(inverses, t, 1)
    putReal(lengths, t, 0)
  }
  for (let t: u32 = 0; t < count; t++) {
    const row = rows + ((<usize>t * d) << 2)
    let largest: f32 = 0
    for (let i: u32 = 0; i < d; i++) largest = max(largest, abs(real(row, i) * real(factors, i)))
    const scale: f32 = largest > 0 ? largest / 127 : 1
    const inverse: f32 = 1 / scale
    let square: f64 = 0
    let lost: f64 = 0
    let length: f64 = 0
    for (let i: u32 = 0; i < d; i++) {
      const x = real(row, i) * real(factors, i) * inverse
      const q = nearest(x)
      store<i8>(out + <usize>i * padded + t, <i8>q)
      square += f64(x) * f64(x)
      length += f64(real(row, i)) * f64(real(row, i))
      lost += f64(x - q) * f64(x - q)
    }
    putReal(errors, t, <f32>Math.sqrt(lost) * (1 + SLACK))
    putReal(norms, t, <f32>Math.sqrt(square) * (1 + SLACK))
    putReal(inverses, t, inverse)
    putReal(lengths, t, <f32>Math.sqrt(length))
  }
}
