import { z } from 'zod'
import type { GraphBuilder, Value } from './graph-builder.ts'

type Draw = (graph: GraphBuilder, x: Value) => Value

const op =
  (name: string): Draw =>
  (graph, x) =>
    graph.node(name, [x])
const gelu: Draw = op('Gelu')
const tanhGelu: Draw = (graph, x) =>
  graph.node('Gelu', [x], { attributes: { approximate: { string: 'tanh' } } })
const relu: Draw = op('Relu')
/** x · sigmoid(alpha · x) */
const gated =
  (alpha: number): Draw =>
  (graph, x) =>
    graph.node('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: alpha } } })
const silu = gated(1)
const clipped = (graph: GraphBuilder, x: Value, from: number, to: number): Value =>
  graph.node('Clip', [x, graph.float(from), graph.float(to)])

/** By the names config.json uses: transformers/activations.py. */
const FUNCTIONS: Record<string, Draw> = {
  gelu,
  gelu_python: gelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_accurate: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_python_tanh: tanhGelu,
  gelu_10: (graph, x) => clipped(graph, gelu(graph, x), -10, 10),
  quick_gelu: gated(1.702),
  relu,
  relu2: (graph, x) => {
    const positive = relu(graph, x)
    return graph.mul(positive, positive)
  },
  relu6: (graph, x) => clipped(graph, x, 0, 6),
  leaky_relu: op('LeakyRelu'),
  silu,
  swish: silu,
  hardswish: op('HardSwish'),
  mish: op('Mish'),
  sigmoid: op('Sigmoid'),
  tanh: op('Tanh'),
  linear: (_, x) => x,
}

export const ActivationName = z
  .string()
  .refine(
    (name) => Object.hasOwn(FUNCTIONS, name),
    `this activation function is not implemented (${Object.keys(FUNCTIONS).join(', ')} are)`,
  )

/** @param name an ActivationName */
export const activation = (graph: GraphBuilder, x: Value, name: string): Value => FUNCTIONS[name](graph, x)
