// Rows: reconstruction from the sparse codes, the error, and each entry's gradient (maths: x̂ = Σ a_j W_dec,j + b_dec,
// g_j = ∂loss/∂x̂ · W_dec,j + penalty). Since x̂ − x = Σ a_j W_dec,j − (x − b_dec), the centred input is all it needs.
import { putReal, putWord, real, rowAt, word } from './access'
import { ACTIVATION_GATED, ACTIVATION_JUMP, Codes, Step, Sums } from './structs'
import { axpy, axpy4, dot, dot4, residual, zero } from './vector'

/** Adds the two halves of v to a row of float64 at `sums`. */
@inline
function addWide(sums: usize, low: v128, high: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), low))
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16)
}

/** centred = x − b_dec for rows [from, to); adds the columns' sums and sums of squares, both float64 [d]. */
export function centre(step: Step, from: u32, to: u32, columnSums: usize, columnSquares: usize): void {
  const bytes = <usize>step.d << 2
  for (let r = from; r < to; r++) {
    const x = rowAt(step.x, r, bytes)
    const out = rowAt(step.centred, r, bytes)
    for (let i: usize = 0; i < bytes; i += 16) {
      let v = v128.load(x + i)
      if (!step.tied) v = f32x4.sub(v, v128.load(step.bDec.value + i))
      v128.store(out + i, v)
      const low = f64x2.promote_low_f32x4(v)
      const high = f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15))
      addWide(columnSums + (i << 1), low, high)
      addWide(columnSquares + (i << 1), f64x2.mul(low, low), f64x2.mul(high, high))
    }
  }
}

/** out += Σ value·decoder row over entries [start, end). */
function decode(step: Step, codes: Codes, start: u32, end: u32, out: usize): void {
  const bytes = <usize>step.d << 2
  const rows = step.decoder.value
  let entry = start
  for (; entry + 4 <= end; entry += 4) {
    axpy4(
      out,
      rowAt(rows, word(codes.feature, entry), bytes), real(codes.value, entry),
      rowAt(rows, word(codes.feature, entry + 1), bytes), real(codes.value, entry + 1),
      rowAt(rows, word(codes.feature, entry + 2), bytes), real(codes.value, entry + 2),
      rowAt(rows, word(codes.feature, entry + 3), bytes), real(codes.value, entry + 3),
      bytes,
    )
  }
  for (; entry < end; entry++) axpy(out, rowAt(rows, word(codes.feature, entry), bytes), real(codes.value, entry), bytes)
}

/** to[entry] = decoder row · error over entries [start, end). */
function project(step: Step, codes: Codes, start: u32, end: u32, error: usize, to: usize): void {
  const bytes = <usize>step.d << 2
  const rows = step.decoder.value
  let entry = start
  for (; entry + 4 <= end; entry += 4) {
    const products = dot4(
      rowAt(rows, word(codes.feature, entry), bytes),
      rowAt(rows, word(codes.feature, entry + 1), bytes),
      rowAt(rows, word(codes.feature, entry + 2), bytes),
      rowAt(rows, word(codes.feature, entry + 3), bytes),
      error,
      bytes,
    )
    v128.store(to + (<usize>entry << 2), products)
  }
  for (; entry < end; entry++)
    putReal(to, entry, dot(rowAt(rows, word(codes.feature, entry), bytes), error, bytes))
}

/** Turns a row's pre-activations into activations where they are not the same. */
function activate(step: Step, start: u32, end: u32): void {
  const codes = step.codes
  for (let entry = start; entry < end; entry++) {
    const at = <usize>entry << 2
    const feature = word(codes.feature, entry)
    const pre = load<f32>(codes.value + at)
    if (step.activation == ACTIVATION_JUMP) {
      const threshold = real(step.derived, feature)
      store<f32>(codes.value + at, pre > threshold ? pre : 0)
      store<f32>(codes.extra + at, f32(abs(pre - threshold) < step.bandwidth * 0.5))
    } else {
      const product = pre - real(step.bEnc.value, feature)
      store<f32>(codes.gate + at, pre)
      store<f32>(codes.value + at, max(<f32>0, product * real(step.derived, feature) + real(step.extra2.value, feature)))
    }
  }
}

/**
 * From ∂loss/∂a (in gradient) to ∂loss/∂pre and the threshold's part, row by row. Adds the penalty and the count.
 * @returns how many features fire
 */
function backThrough(step: Step, start: u32, end: u32, sums: Sums): u32 {
  const codes = step.codes
  let active: u32 = 0
  for (let entry = start; entry < end; entry++) {
    const at = <usize>entry << 2
    const feature = word(codes.feature, entry)
    const value = load<f32>(codes.value + at)
    const through = load<f32>(codes.gradient + at)
    const weight = real(step.weight, feature)
    if (step.activation == ACTIVATION_JUMP) {
      const near = load<f32>(codes.extra + at)
      const threshold = real(step.derived, feature)
      // log θ: one more θ by the chain rule.
      const slope = -(threshold * through + step.penalty) / step.bandwidth
      store<f32>(codes.extra + at, near * slope * threshold)
      store<f32>(codes.gradient + at, value > 0 ? through : 0)
      sums.sparsity += f64(u32(value > 0))
    } else if (step.activation == ACTIVATION_GATED) {
      const gate = load<f32>(codes.gate + at)
      const magnitude: f32 = value > 0 ? through : 0
      // gradient so far holds ∂/∂a, extra ∂/∂ReLU(gate) of the second reconstruction.
      const gateGradient = load<f32>(codes.extra + at) + step.penalty * weight
      store<f32>(codes.extra + at, magnitude)
      store<f32>(codes.gradient + at, gateGradient + magnitude * real(step.derived, feature))
      sums.sparsity += f64(gate) * f64(weight)
    } else {
      store<f32>(codes.gradient + at, through + step.penalty * weight)
      sums.sparsity += f64(value) * f64(weight)
    }
    active += u32(value > 0)
  }
  sums.count += f64(active)
  return active
}

/** Gated: reconstruction from ReLU(gate) by the decoder held constant; its error's products go to extra. */
function gateReconstruction(step: Step, r: u32, start: u32, end: u32, scratch: usize, sums: Sums): void {
  const codes = step.codes
  const bytes = <usize>step.d << 2
  zero(scratch, bytes)
  for (let entry = start; entry < end; entry++)
    axpy(scratch, rowAt(step.decoder.value, word(codes.feature, entry), bytes), real(codes.gate, entry), bytes)
  const error = rowAt(step.auxError, r, bytes)
  sums.aux += residual(scratch, rowAt(step.centred, r, bytes), error, step.auxScale, bytes)
  project(step, codes, start, end, error, codes.extra)
}

/** Aux-k: the dead features chosen for row r reconstruct what the others left; `left` is (2/B)(x̂ − x). */
function deadReconstruction(step: Step, r: u32, left: usize, scratch: usize, sums: Sums): void {
  const codes = step.auxCodes
  const bytes = <usize>step.d << 2
  const start = word(codes.rowStart, r)
  const end = start + word(codes.rowCount, r)
  const target = scratch + bytes
  zero(scratch, bytes)
  zero(target, bytes)
  axpy(target, left, -1 / step.errorScale, bytes)
  decode(step, codes, start, end, scratch)
  const error = rowAt(step.auxError, r, bytes)
  sums.aux += residual(scratch, target, error, step.auxScale, bytes)
  project(step, codes, start, end, error, codes.gradient)
}

/** First entry of [start, end) at or beyond feature `limit`. */
function entriesBelow(codes: Codes, start: u32, end: u32, limit: u32): u32 {
  while (start < end && word(codes.feature, start) < limit) start++
  return start
}

/**
 * Rows [from, to): activations, ‖x − x̂‖², ∂loss/∂x̂ per group, ∂loss/∂pre per entry. errorSums [d] gets the sum of
 * ∂loss/∂x̂ over the rows (for b_dec). scratch holds 2 rows.
 */
export function forward(step: Step, from: u32, to: u32, withDead: u32, sums: Sums, errorSums: usize, scratch: usize): void {
  const codes = step.codes
  const bytes = <usize>step.d << 2
  const groupStride = rowAt(0, step.rows, bytes)
  for (let r = from; r < to; r++) {
    const start = word(codes.rowStart, r)
    const end = start + word(codes.rowCount, r)
    const target = rowAt(step.centred, r, bytes)
    if (step.activation != 0) activate(step, start, end)

    zero(scratch, bytes)
    let error = rowAt(step.error, r, bytes)
    let done = start
    let square: f32 = 0
    for (let m: u32 = 0; m < step.groups; m++, error += groupStride) {
      const until = step.groups == 1 ? end : entriesBelow(codes, done, end, word(step.groupEnd, m))
      decode(step, codes, done, until, scratch)
      square = residual(scratch, target, error, step.errorScale, bytes)
      sums.reconstruction += square
      done = until
    }
    putReal(step.squaredErrors, r, square)
    sums.squaredError += square

    const last = error - groupStride
    if (withDead) deadReconstruction(step, r, last, scratch, sums)
    if (step.activation == ACTIVATION_GATED) gateReconstruction(step, r, start, end, scratch, sums)

    // A feature sees the errors of its own and of all wider dictionaries: sum from the widest down.
    let above = end
    error = last
    for (let m: i32 = <i32>step.groups - 1; m >= 0; m--, error -= groupStride) {
      if (<u32>m + 1 < step.groups) axpy(error, error + groupStride, 1, bytes)
      const below = m == 0 ? start : entriesBelow(codes, start, above, word(step.groupEnd, m - 1))
      project(step, codes, below, above, error, codes.gradient)
      above = below
    }
    axpy(errorSums, rowAt(step.error, r, bytes), 1, bytes)
    putWord(step.active, r, backThrough(step, start, end, sums))
  }
}
