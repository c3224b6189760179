// Features: both weight gradients as sums over the rows on which a feature fires, then Adam, one feature at a time, so
// that no gradient is ever held for the whole dictionary.
import { putReal, putWord, real, rowAt, word } from './access'
import { ACTIVATION_GATED, ACTIVATION_JUMP, Codes, Step, Sums, Tensor } from './structs'
import { axpy, axpy4, dot, scale, zero } from './vector'

/** out += Σ coefficient[entry]·rows[row of entry] over the places [start, end) of a feature. */
function gatherRows(codes: Codes, start: u32, end: u32, coefficients: usize, rows: usize, out: usize, bytes: usize): void {
  let place = start
  for (; place + 4 <= end; place += 4) {
    axpy4(
      out,
      rowAt(rows, word(codes.columnRow, place), bytes), real(coefficients, word(codes.columnEntry, place)),
      rowAt(rows, word(codes.columnRow, place + 1), bytes), real(coefficients, word(codes.columnEntry, place + 1)),
      rowAt(rows, word(codes.columnRow, place + 2), bytes), real(coefficients, word(codes.columnEntry, place + 2)),
      rowAt(rows, word(codes.columnRow, place + 3), bytes), real(coefficients, word(codes.columnEntry, place + 3)),
      bytes,
    )
  }
  for (; place < end; place++)
    axpy(out, rowAt(rows, word(codes.columnRow, place), bytes), real(coefficients, word(codes.columnEntry, place)), bytes)
}

/** Which group of a matryoshka feature j is in. */
function groupOf(step: Step, j: u32): u32 {
  let m: u32 = 0
  while (m + 1 < step.groups && j >= word(step.groupEnd, m)) m++
  return m
}

/** The sums of feature j that are one number each. */
function sumFeature(step: Step, j: u32, withDead: u32): void {
  const codes = step.codes
  let fires: u32 = 0
  let sum: f32 = 0
  let bias: f32 = 0
  let extra1: f32 = 0
  let extra2: f32 = 0
  for (let place = word(codes.columnStart, j), end = word(codes.columnStart, j + 1); place < end; place++) {
    const entry = word(codes.columnEntry, place)
    const value = real(codes.value, entry)
    fires += u32(value > 0)
    if (step.activation == ACTIVATION_GATED) {
      const gate = real(codes.gate, entry)
      const magnitude = real(codes.extra, entry)
      sum += gate
      // gradient holds gate + magnitude·e^r_mag; b_gate gets the gate's part only.
      bias += real(codes.gradient, entry) - magnitude * real(step.derived, j)
      extra1 += magnitude * (gate - real(step.bEnc.value, j)) * real(step.derived, j)
      extra2 += magnitude
    } else {
      sum += value
      bias += real(codes.gradient, entry)
      if (step.activation == ACTIVATION_JUMP) extra1 += real(codes.extra, entry)
    }
  }
  if (withDead) {
    const dead = step.auxCodes
    for (let place = word(dead.columnStart, j), end = word(dead.columnStart, j + 1); place < end; place++)
      bias += real(dead.gradient, word(dead.columnEntry, place))
  }
  putWord(step.fires, j, fires)
  putReal(step.sum, j, sum)
  putReal(step.biasGradient, j, bias)
  putReal(step.extra1Gradient, j, extra1)
  putReal(step.extra2Gradient, j, extra2)
}

/** The gradients of feature j's two rows from its entries. */
function rowGradients(step: Step, j: u32, withDead: u32, encoder: usize, decoder: usize): void {
  const bytes = <usize>step.d << 2
  const codes = step.codes
  const start = word(codes.columnStart, j)
  const end = word(codes.columnStart, j + 1)
  zero(encoder, bytes)
  zero(decoder, bytes)
  const error = rowAt(step.error, groupOf(step, j) * step.rows, bytes)
  gatherRows(codes, start, end, codes.value, error, decoder, bytes)
  gatherRows(codes, start, end, codes.gradient, step.centred, encoder, bytes)
  if (!withDead) return
  const dead = step.auxCodes
  const deadStart = word(dead.columnStart, j)
  const deadEnd = word(dead.columnStart, j + 1)
  gatherRows(dead, deadStart, deadEnd, dead.value, step.auxError, decoder, bytes)
  gatherRows(dead, deadStart, deadEnd, dead.gradient, step.centred, encoder, bytes)
}

/**
 * Completes the gradients of feature j's rows: the penalty's pull on the decoder norm, the cosine penalty, the tied
 * sum, and the projection off the row where its norm is fixed. @returns the square of all of feature j's gradients
 */
function completeGradients(step: Step, j: u32, encoder: usize, decoder: usize): f64 {
  const bytes = <usize>step.d << 2
  const row = rowAt(step.decoder.value, j, bytes)
  if (!step.unitNorm && step.penalty != 0 && step.activation != ACTIVATION_JUMP) {
    const norm = real(step.weight, j)
    if (norm > 0) axpy(decoder, row, (step.penalty * real(step.sum, j)) / norm, bytes)
  }
  if (step.cosineGradient) axpy(decoder, rowAt(step.cosineGradient, j, bytes), 1, bytes)
  if (step.tied) axpy(decoder, encoder, 1, bytes)
  if (step.unitNorm) axpy(decoder, row, -dot(decoder, row, bytes), bytes)
  let squares = f64(dot(decoder, decoder, bytes))
  if (!step.tied) squares += f64(dot(encoder, encoder, bytes))
  const bias = f64(real(step.biasGradient, j))
  const extra1 = f64(real(step.extra1Gradient, j))
  const extra2 = f64(real(step.extra2Gradient, j))
  return squares + bias * bias + extra1 * extra1 + extra2 * extra2
}

/** Adam (arXiv 1412.6980, algorithm 1) on `bytes` of a tensor from byte `offset` on; gradient is not changed. */
export function adam(step: Step, tensor: Tensor, offset: usize, gradient: usize, bytes: usize): void {
  const b1 = f32x4.splat(step.beta1)
  const o1 = f32x4.splat((1 - step.beta1) * step.gradientScale)
  const b2 = f32x4.splat(step.beta2)
  const o2 = f32x4.splat((1 - step.beta2) * step.gradientScale * step.gradientScale)
  const rate = f32x4.splat(step.learningRate * step.firstCorrection)
  const correction = f32x4.splat(step.secondCorrection)
  const epsilon = f32x4.splat(step.epsilon)
  const value = tensor.value + offset
  const first = tensor.first + offset
  const second = tensor.second + offset
  for (let i: usize = 0; i < bytes; i += 16) {
    const g = v128.load(gradient + i)
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + i)), f32x4.mul(o1, g))
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + i)), f32x4.mul(o2, f32x4.mul(g, g)))
    v128.store(first + i, m)
    v128.store(second + i, v)
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, correction)), epsilon)
    v128.store(value + i, f32x4.sub(v128.load(value + i), f32x4.div(f32x4.mul(rate, m), size)))
  }
}

/** Adam on one number. */
function adamOne(step: Step, tensor: Tensor, j: u32, gradient: f32, rate: f32): void {
  const at = <usize>j << 2
  const g = gradient * step.gradientScale
  const m = step.beta1 * load<f32>(tensor.first + at) + (1 - step.beta1) * g
  const v = step.beta2 * load<f32>(tensor.second + at) + (1 - step.beta2) * g * g
  store<f32>(tensor.first + at, m)
  store<f32>(tensor.second + at, v)
  const size = sqrt<f32>(v * step.secondCorrection) + step.epsilon
  store<f32>(tensor.value + at, load<f32>(tensor.value + at) - (rate * step.firstCorrection * m) / size)
}

/** Updates everything that is feature j's, and what is derived from it. */
function updateFeature(step: Step, j: u32, encoder: usize, decoder: usize): void {
  const bytes = <usize>step.d << 2
  const offset = rowAt(0, j, bytes)
  if (!step.tied) adam(step, step.encoder, offset, encoder, bytes)
  adam(step, step.decoder, offset, decoder, bytes)
  adamOne(step, step.bEnc, j, real(step.biasGradient, j), step.learningRate)
  if (step.activation != 0) adamOne(step, step.extra1, j, real(step.extra1Gradient, j), step.extra1Rate)
  if (step.activation == ACTIVATION_GATED) adamOne(step, step.extra2, j, real(step.extra2Gradient, j), step.learningRate)
  if (step.activation != 0) putReal(step.derived, j, <f32>Math.exp(real(step.extra1.value, j)))
  const row = step.decoder.value + offset
  const norm = sqrt<f32>(dot(row, row, bytes))
  if (!step.unitNorm) putReal(step.weight, j, norm)
  else if (norm > 0) scale(row, 1 / norm, bytes)
}

/** b_dec also moves the encoder's input: biasSums [d] += Σ_j biasGradient_j·encoder_j of features [from, to). */
function sumEncoderBias(step: Step, j: u32, biasSums: usize): void {
  const bytes = <usize>step.d << 2
  let g = real(step.biasGradient, j)
  // gated: the input's gradient is the gate's and the magnitude's together.
  if (step.activation == ACTIVATION_GATED) g += real(step.extra2Gradient, j) * real(step.derived, j)
  axpy(biasSums, rowAt(step.encoder.value, j, bytes), g, bytes)
}

/**
 * Features [from, to) from the sparse codes: gradients, their squares into sums, the part of b_dec's gradient that
 * comes through the encoder into biasSums, and, if `apply`, the update. scratch holds 2 rows.
 */
export function updateFromCodes(
  step: Step, from: u32, to: u32, withDead: u32, apply: u32, sums: Sums, biasSums: usize, scratch: usize,
): void {
  const decoder = scratch + (<usize>step.d << 2)
  for (let j = from; j < to; j++) {
    sumFeature(step, j, withDead)
    rowGradients(step, j, withDead, scratch, decoder)
    sums.gradientSquares += completeGradients(step, j, scratch, decoder)
    sumEncoderBias(step, j, biasSums)
    if (apply) updateFeature(step, j, scratch, decoder)
  }
}

/** The same from gradients that a dense product made: rows of features [from, to) lie at encoder/decoder. */
export function updateFromRows(
  step: Step, from: u32, to: u32, encoder: usize, decoder: usize, apply: u32, sums: Sums, biasSums: usize,
): void {
  const bytes = <usize>step.d << 2
  for (let j = from; j < to; j++, encoder += bytes, decoder += bytes) {
    sums.gradientSquares += completeGradients(step, j, encoder, decoder)
    sumEncoderBias(step, j, biasSums)
    if (apply) updateFeature(step, j, encoder, decoder)
  }
}
