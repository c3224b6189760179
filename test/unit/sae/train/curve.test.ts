import { expect, test } from 'vitest'
import type { StepReport, StepSettings } from '../../../../src-main/sae/backend.ts'
import { Curve } from '../../../../src-main/sae/train/curve.ts'
import { DensityCount } from '../../../../src-main/sae/train/density.ts'

const settings: StepSettings = { learningRate: 0.01, sparsity: 2, aux: 0, cosine: 0, clipNorm: null }
const measured = { ceRecovered: null, tokensPerSecond: 100 }
const report = (loss: number, fires: number[]): StepReport => ({
  loss,
  mse: loss,
  reconstruction: loss,
  sparsity: 0,
  aux: 0,
  cosine: 0,
  l0: 2 * loss,
  squaredError: 4 * loss,
  squaredDeviation: 16,
  gradientNorm: 1,
  dead: fires.filter((f) => f === 0).length,
  threshold: null,
  fires: Uint32Array.from(fires),
  squaredErrors: new Float32Array(4),
  path: 'plain',
})
const options = { dSae: 2, batchTokens: 4, pointEvery: 2, inputFactor: 0.5, hasSparsity: true }

test('a point is the mean over the steps since the one before', () => {
  const curve = new Curve(options)
  curve.add(report(1, [1, 0]))
  curve.add(report(3, [1, 0]))
  const last = report(3, [1, 0])
  const point = curve.point(2, last, settings, measured)
  expect(point).toMatchObject({ step: 2, tokens: 8, loss: 2, l0: 4, dead: 1, sparsityWeight: 2 })
  expect(point.explainedVariance).toBe(1 - 16 / 32)
  // squared errors 4 + 12 over 8 tokens, back in units of activations that were halved
  expect(point.mse).toBe(2 * 4)
  curve.add(report(7, [0, 0]))
  expect(curve.point(4, last, settings, measured).loss).toBe(7)
})

test('a curve put back from a checkpoint gives the same next point', () => {
  const whole = new Curve(options)
  const before = new Curve(options)
  for (const curve of [whole, before]) curve.add(report(1 / 3, [3, 1]))
  before.addResampled(5)
  whole.addResampled(5)
  const { state, fires } = before.save()
  const after = new Curve(options)
  after.restore(JSON.parse(JSON.stringify(state)), fires.slice())
  for (const curve of [whole, after]) curve.add(report(0.1, [0, 1]))
  const last = report(0.1, [0, 1])
  // step 40 has a histogram, which counts from before the checkpoint
  expect(after.point(40, last, settings, measured)).toEqual(whole.point(40, last, settings, measured))
})

test('densities are counted in bins of log10, silent features apart', () => {
  const count = new DensityCount(4)
  count.add(Uint32Array.of(100, 10, 0, 1), 100)
  const histogram = count.take()
  expect(histogram.silent).toBe(1)
  expect(histogram.tokens).toBe(100)
  const bins = Object.fromEntries([...histogram.counts.entries()].filter(([, features]) => features > 0))
  expect(bins).toEqual({ 16: 1, 20: 1, 23: 1 }) // 10⁻², 10⁻¹ and always, in the last bin
  expect(count.take().silent).toBe(4)
})
