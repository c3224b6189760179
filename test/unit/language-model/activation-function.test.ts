// Every activation function that config.json may name against its formula (transformers/activations.py).
import { expect, test } from 'vitest'
import { activation } from '../../../src-main/language-model/activation-function.ts'
import { Checkpoint } from '../../../src-main/language-model/checkpoint.ts'
import { GraphBuilder } from '../../../src-main/language-model/graph-builder.ts'
import { matrixTensor, openSession } from '../../../src-main/language-model/session.ts'
import { join } from 'node:path'
import { fixtures, maxDifference } from './model-of.ts'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
/** Abramowitz and Stegun 7.1.26, within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - series * Math.exp(-x * x))
}
const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2))
const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
const silu = (x: number): number => x * sigmoid(x)
const FORMULAS: Record<string, (x: number) => number> = {
  gelu,
  gelu_python: gelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_accurate: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_python_tanh: tanhGelu,
  gelu_10: (x) => Math.min(10, Math.max(-10, gelu(x))),
  quick_gelu: (x) => x * sigmoid(1.702 * x),
  relu: (x) => Math.max(0, x),
  relu2: (x) => Math.max(0, x) ** 2,
  relu6: (x) => Math.min(6, Math.max(0, x)),
  leaky_relu: (x) => (x < 0 ? 0.01 * x : x),
  silu,
  swish: silu,
  hardswish: (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6,
  mish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  sigmoid,
  tanh: Math.tanh,
  linear: (x) => x,
}

test.each(Object.keys(FORMULAS))('%s', async (name) => {
  const graph = new GraphBuilder(new Checkpoint(join(fixtures, 'gpt2-hub')))
  const drawn = activation(graph, graph.input('x', 'f32', ['n', 1]), name)
  const session = await openSession(graph.build({ y: { value: drawn, dims: ['n', 1] } }), { root: fixtures })
  const x = Float32Array.of(-12, -3.5, -1, -0.25, 0, 0.5, 1, 2, 4, 12)
  const y = new Float32Array(x.length)
  await session.run({ x: matrixTensor(x, 1) }, { y: matrixTensor(y, 1) })
  await session.close()
  expect(maxDifference(y, x.map(FORMULAS[name]))).toBeLessThan(2e-6)
})
