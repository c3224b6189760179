// Tiles of the dense step: [rows, width] of pre-activations whose first column is feature `first`. Used while so many
// features fire that products over all of them cost less than going from entry to entry.
import { putReal, putWord, real, rowAt, word } from './access'
import { ACTIVATION_GATED, ACTIVATION_JUMP, Step, Sums } from './structs'
import { axpy, residual } from './vector'

/** The activation of feature j for the encoder product u (without bias). */
@inline
function activation(step: Step, j: u32, u: f32): f32 {
  const pre = u + real(step.bEnc.value, j)
  if (step.activation == ACTIVATION_JUMP) return pre > real(step.derived, j) ? pre : 0
  if (step.activation == ACTIVATION_GATED)
    return pre > 0 ? max(<f32>0, u * real(step.derived, j) + real(step.extra2.value, j)) : 0
  return max(<f32>0, pre)
}

/** Encoder products to activations in place; gated: ReLU(gate) to `gate`. Adds counts and the penalty. */
export function activateTile(step: Step, tile: usize, gate: usize, rows: u32, width: u32, first: u32, sums: Sums): void {
  const gated = step.activation == ACTIVATION_GATED
  let count: u32 = 0
  let sparsity: f64 = 0
  for (let r: u32 = 0, at: u32 = 0; r < rows; r++) {
    for (let j = first; j < first + width; j++, at++) {
      const u = real(tile, at)
      const a = activation(step, j, u)
      putReal(tile, at, a)
      count += u32(a > 0)
      if (gated) {
        const open = max(<f32>0, u + real(step.bEnc.value, j))
        putReal(gate, at, open)
        sparsity += f64(open) * f64(real(step.weight, j))
      } else if (step.activation == ACTIVATION_JUMP) sparsity += f64(u32(a > 0))
      else sparsity += f64(a) * f64(real(step.weight, j))
    }
  }
  sums.count += f64(count)
  sums.sparsity += sparsity
}

/**
 * From a block's reconstructions without b_dec (and, gated, those of the gate) to errors: rows [from, from + rows).
 * errorSums [d] gets the sum of ∂loss/∂x̂.
 */
export function denseErrors(
  step: Step, from: u32, rows: u32, reconstruction: usize, second: usize, sums: Sums, errorSums: usize,
): void {
  const bytes = <usize>step.d << 2
  for (let r = from; r < from + rows; r++, reconstruction += bytes, second += bytes) {
    const target = rowAt(step.centred, r, bytes)
    const error = rowAt(step.error, r, bytes)
    const square = residual(reconstruction, target, error, step.errorScale, bytes)
    putReal(step.squaredErrors, r, square)
    sums.squaredError += square
    sums.reconstruction += square
    axpy(errorSums, error, 1, bytes)
    if (step.activation == ACTIVATION_GATED)
      sums.aux += residual(second, target, rowAt(step.auxError, r, bytes), step.auxScale, bytes)
  }
}

/** base[j] += value */
@inline
function add(base: usize, j: u32, value: f32): void {
  putReal(base, j, real(base, j) + value)
}

/** Zeroes the per-feature sums of [first, first + width). */
function clearSums(step: Step, first: u32, width: u32): void {
  const at = <usize>first << 2
  const bytes = <usize>width << 2
  memory.fill(step.fires + at, 0, bytes)
  memory.fill(step.sum + at, 0, bytes)
  memory.fill(step.biasGradient + at, 0, bytes)
  memory.fill(step.extra1Gradient + at, 0, bytes)
  memory.fill(step.extra2Gradient + at, 0, bytes)
}

/**
 * For all rows and the features of a tile: encoder products become activations, through (∂loss/∂x̂ · W_decᵀ) becomes
 * ∂loss/∂(encoder product), both in place; the per-feature sums are made. gateThrough is the same of the gate's
 * reconstruction (gated only).
 */
export function backTile(
  step: Step, tile: usize, through: usize, gateThrough: usize, rows: u32, width: u32, first: u32,
): void {
  clearSums(step, first, width)
  for (let r: u32 = 0, at: u32 = 0; r < rows; r++) {
    for (let j = first; j < first + width; j++, at++) {
      const u = real(tile, at)
      const a = activation(step, j, u)
      putReal(tile, at, a)
      if (a > 0) putWord(step.fires, j, word(step.fires, j) + 1)
      if (step.activation == ACTIVATION_GATED) putReal(through, at, backGated(step, j, u, a, real(through, at), real(gateThrough, at)))
      else if (step.activation == ACTIVATION_JUMP) putReal(through, at, backJump(step, j, u, a, real(through, at)))
      else {
        const g: f32 = a > 0 ? real(through, at) + step.penalty * real(step.weight, j) : 0
        putReal(through, at, g)
        add(step.sum, j, a)
        add(step.biasGradient, j, g)
      }
    }
  }
}

/** As in forward.ts: the threshold learns within the bandwidth, the product where it fires. */
function backJump(step: Step, j: u32, u: f32, a: f32, through: f32): f32 {
  const threshold = real(step.derived, j)
  const pre = u + real(step.bEnc.value, j)
  if (abs(pre - threshold) < step.bandwidth * 0.5)
    add(step.extra1Gradient, j, (-(threshold * through + step.penalty) / step.bandwidth) * threshold)
  const g: f32 = a > 0 ? through : 0
  add(step.biasGradient, j, g)
  return g
}

function backGated(step: Step, j: u32, u: f32, a: f32, through: f32, gateThrough: f32): f32 {
  const gate = u + real(step.bEnc.value, j)
  if (!(gate > 0)) return 0
  const magnitude: f32 = a > 0 ? through : 0
  const gateGradient = gateThrough + step.penalty * real(step.weight, j)
  add(step.sum, j, gate)
  add(step.biasGradient, j, gateGradient)
  add(step.extra1Gradient, j, magnitude * u * real(step.derived, j))
  add(step.extra2Gradient, j, magnitude)
  return gateGradient + magnitude * real(step.derived, j)
}
