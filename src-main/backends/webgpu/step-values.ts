import type { ParameterName, TraineeConfig } from '../../sae/backend.ts'
import type { Graph, Value } from './graph.ts'

/** Scalar inputs [1, 1] that change from step to step. */
export const SCALARS = [
  'rows',
  'sparsity',
  'aux',
  'cosine',
  'learningRate',
  'clipNorm',
  'firstCorrection',
  'secondCorrection',
] as const
export type Scalars<T> = Record<(typeof SCALARS)[number], T>

/** What the output "report" [1, n] holds, in this order. */
export const REPORT = [
  'reconstruction',
  'sparsity',
  'aux',
  'cosine',
  'squaredError',
  'squaredDeviation',
  'smallest',
  'gradientNorm',
] as const

/** The state's tensors are inputs "value_encoder", "first_encoder" …, and outputs "next_value_encoder" … */
export const STATE = ['value', 'first', 'second'] as const
export const stateName = (of: (typeof STATE)[number], name: ParameterName): string => `${of}_${name}`
export const nextName = (of: (typeof STATE)[number], name: ParameterName): string => `next_${of}_${name}`

/** What the formulas are written with: the graph, the batch and the parameters in it. */
export interface StepValues {
  g: Graph
  config: TraineeConfig
  /** [B, d] */
  x: Value
  /** [B, d] x − b_dec */
  centred: Value
  scalars: Scalars<Value>
  /** [1, F] 1 for dead features. */
  dead: Value
  parameters: Map<ParameterName, Value>
  /** [F, d] the rows that reconstruct. */
  directions: Value
}

export function parameter({ parameters, config }: StepValues, name: ParameterName): Value {
  const value = parameters.get(name)
  if (value === undefined) throw new Error(`${config.architecture} has no ${name}`)
  return value
}

/** What a kind contributes; gradients of whatever it has beside encoder, decoder and b_dec in `others`. */
export interface KindValues {
  /** [B, F] */
  codes: Value
  /** [B, F] ∂loss/∂u */
  products: Value
  /** [F, d] */
  decoder: Value
  /** [1, d] ∂loss/∂b_dec as the decoder's bias */
  bDec: Value
  others: Map<ParameterName, Value>
  /** [1, 1] each, mean over tokens, with their weights. */
  reconstruction: Value
  sparsity: Value
  aux: Value
  /** [B, 1] */
  squaredErrors: Value
}

/** Larger than any activation: what the report has as smallest when nothing fires. */
export const FAR = 1e30
