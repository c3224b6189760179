// What the kernels are told, laid out in the shared memory; ../structs.ts writes the same fields in the same order.
// Every field is 4 bytes. Nothing else is remembered between calls, so any thread may run any part.

/**
 * Sparse codes with their gradients, by row and by feature. Row t has the entries rowStart[t] … + rowCount[t],
 * features ascending; feature j has the places columnStart[j] … columnStart[j + 1], rows ascending.
 */
@unmanaged
export class Codes {
  rowStart: usize
  rowCount: usize
  /** Of each entry: */
  feature: usize
  /** the activation; before the forward pass the pre-activation */
  value: usize
  /** ∂loss/∂(x'·encoder_j) */
  gradient: usize
  /** jumprelu: its part of ∂loss/∂log θ. gated: its part of ∂loss/∂magnitude. */
  extra: usize
  /** gated: the gate's pre-activation. */
  gate: usize
  columnStart: usize
  /** Of each place: its row and its entry. */
  columnRow: usize
  columnEntry: usize
}

/** A parameter with Adam's running means of its gradient and of the gradient's square. */
@unmanaged
export class Tensor {
  value: usize
  first: usize
  second: usize
}

@unmanaged
export class Step {
  rows: u32
  /** Padded to a multiple of 4. */
  d: u32
  features: u32
  /** ACTIVATION_… below. */
  activation: u32
  /** Nested dictionaries of a matryoshka, else 1; groupEnd[m] is the first feature beyond the m-th. */
  groups: u32
  groupEnd: usize
  /** [rows, d] inputs, and inputs less b_dec. */
  x: usize
  centred: usize
  /** [groups][rows, d] ∂loss/∂x̂ as the features of each group see it. */
  error: usize
  /** [rows, d] ∂(aux term)/∂x̂_dead; gated: of the second reconstruction. */
  auxError: usize
  codes: Codes
  auxCodes: Codes
  encoder: Tensor
  bEnc: Tensor
  /** The encoder itself when tied. */
  decoder: Tensor
  bDec: Tensor
  /** jumprelu: log θ. gated: r_mag. Else unused. */
  extra1: Tensor
  /** gated: b_mag. Else unused. */
  extra2: Tensor
  /** [features] what the penalty on an activation is weighted by: decoder norms, or ones. */
  weight: usize
  /** [features] jumprelu: θ. gated: e^r_mag. */
  derived: usize
  /** [features] per-feature sums over the batch: */
  fires: usize
  /** of the activations the penalty is on */
  sum: usize
  /** of the gradients of b_enc, extra1 and extra2 */
  biasGradient: usize
  extra1Gradient: usize
  extra2Gradient: usize
  /** [rows] ‖x − x̂‖² */
  squaredErrors: usize
  /** [rows] features with a > 0 */
  active: usize
  /** The decoder-cosine penalty's gradient [features, d], or 0. */
  cosineGradient: usize
  /** The penalty looks at every so many-th row. */
  cosineStride: u32
  unitNorm: u32
  tied: u32
  /** 2/B, λ/B, 2·aux/B */
  errorScale: f32
  penalty: f32
  auxScale: f32
  /** Weight of the cosine penalty over the number of pairs. */
  cosineScale: f32
  bandwidth: f32
  learningRate: f32
  /** The learning rate of extra1. */
  extra1Rate: f32
  /** 1/(1 − β₁ᵗ), 1/(1 − β₂ᵗ) */
  firstCorrection: f32
  secondCorrection: f32
  beta1: f32
  beta2: f32
  epsilon: f32
  /** What gradients are multiplied by: 1, or less when clipping. */
  gradientScale: f32
}

export const ACTIVATION_RELU: u32 = 0
export const ACTIVATION_JUMP: u32 = 1
export const ACTIVATION_GATED: u32 = 2

/** Sums of one part of the batch or of the dictionary, in float64; [parts] of them lie in a row. */
@unmanaged
export class Sums {
  squaredError: f64
  /** Over all groups of a matryoshka. */
  reconstruction: f64
  sparsity: f64
  aux: f64
  count: f64
  gradientSquares: f64
}

/** Bytes of Step, by which ../kernel-module.ts sees that both sides mean the same. */
export function stepBytes(): u32 {
  return offsetof<Step>()
}
