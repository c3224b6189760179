import { z } from 'zod'
import type { GraphBuilder, Value } from './graph-builder.ts'

type Draw = (graph: GraphBuilder, x: Value) => Value

const gelu: Draw = (graph, x) => graph.node('Gelu', [x])
const tanhGelu: Draw = (graph, x) =>
  graph.node('Gelu', [x], { attributes: { approximate: { string: 'tanh' } } })
const relu: Draw = (graph, x) => graph.node('Relu', [x])
const silu: Draw = (graph, x) =>
  graph.node('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } })

/** By the names config.json uses: transformers/activations.py. */
const FUNCTIONS: Record<string, Draw> = {
  gelu,
  gelu_python: gelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_python_tanh: tanhGelu,
  relu,
  silu,
  swish: silu,
}

export const ActivationName = z
  .string()
  .refine(
    (name) => Object.hasOwn(FUNCTIONS, name),
    `this activation function is not implemented (${Object.keys(FUNCTIONS).join(', ')} are)`,
  )

/** @param name an ActivationName */
export const activation = (graph: GraphBuilder, x: Value, name: string): Value => FUNCTIONS[name](graph, x)
