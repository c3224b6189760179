// Rows in 8 bits, with bounds on what that loses: s·q for a row, q in −127 … 127, s its largest magnitude / 127.
import { putReal, real } from './access'

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
  for (let j = from; j < to; j++) {
    const row = rows + ((<usize>j * d) << 2)
    const bytes = out + <usize>j * d
    let largest: f32 = 0
    for (let i: u32 = 0; i < d; i++) largest = max(largest, abs(real(row, i) * real(factors, i)))
    const scale = largest / 127
    const inverse: f32 = scale > 0 ? 1 / scale : 0
    let square: f64 = 0
    let lost: f64 = 0
    let whole: f64 = 0
    for (let i: u32 = 0; i < d; i++) {
      const w = real(row, i) * real(factors, i)
      const q = nearest(w * inverse)
      store<u8>(bytes + i, <u8>(<i32>q + 128))
      const kept = q * scale
      square += f64(kept) * f64(kept)
      lost += f64(w - kept) * f64(w - kept)
      whole += f64(w) * f64(w)
    }
    putReal(scales, j, scale)
    putReal(norms, j, <f32>Math.sqrt(square) * (1 + SLACK))
    putReal(errors, j, <f32>Math.sqrt(lost) * (1 + SLACK) + <f32>Math.sqrt(whole) * SLACK)
  }
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
