import { describe, expect, test } from 'vitest'
import { plusRow } from '../../../src-main/math/matrix.ts'
import { encoderProducts, jump } from '../../../src-main/math/sae-codes.ts'
import { saeGradients } from '../../../src-main/math/sae-gradients.ts'
import { decodeDense, meanSquaredDistance, saeLoss } from '../../../src-main/math/sae-loss.ts'
import { mapParameters, type SaeParameters } from '../../../src-main/math/sae-parameters.ts'
import { EXAMPLE_DEAD, EXAMPLE_KINDS, exampleInputs, exampleParameters } from './example.ts'

const ROWS = 7
const settings = { sparsity: 0.7, aux: 0.4, cosine: 0.9, dead: EXAMPLE_DEAD }

/** Central differences of a loss in every number of every tensor. */
function differences(p: SaeParameters, loss: (p: SaeParameters) => number): SaeParameters {
  const h = 1e-6
  return mapParameters(p, (tensor, name) =>
    Float64Array.from(tensor, (value, i) => {
      const at = (v: number): number => {
        const moved = Float64Array.from(tensor)
        moved[i] = v
        return loss({ ...p, [name]: moved })
      }
      return (at(value + h) - at(value - h)) / (2 * h)
    }),
  )
}

function expectClose(actual: SaeParameters, expected: SaeParameters, names: (keyof SaeParameters)[]): void {
  for (const name of names) {
    const [a, e] = [actual[name] ?? [], expected[name] ?? []]
    expect(a.length).toBe(e.length)
    const off = Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - e[i])), 0)
    expect(off, name).toBeLessThan(1e-7)
  }
}

describe('gradients by hand are the central differences of the loss', () => {
  for (const [title, kind] of Object.entries(EXAMPLE_KINDS))
    test(title, () => {
      const p = exampleParameters(kind, 3)
      const x = exampleInputs(ROWS, kind.dIn, 4)
      const expected = differences(p, (moved) => saeLoss(kind, moved, x, ROWS, settings, p).loss)
      const names = (Object.keys(p) as (keyof SaeParameters)[]).filter((name) => name !== 'logThreshold')
      expectClose(saeGradients(kind, p, x, ROWS, settings), expected, names)
    })
})

test('every kind has features on and off in the examples, and dead ones that are revived', () => {
  for (const kind of Object.values(EXAMPLE_KINDS)) {
    const p = exampleParameters(kind, 3)
    const x = exampleInputs(ROWS, kind.dIn, 4)
    const parts = saeLoss(kind, p, x, ROWS, settings)
    expect(parts.reconstruction).toBeGreaterThan(0)
    if (!('k' in kind)) expect(parts.sparsity).toBeGreaterThan(0)
    if ('auxK' in kind && kind.auxK > 0) expect(parts.aux).toBeGreaterThan(0)
  }
})

test('the threshold of jumprelu learns what a ramp of width ε in place of its step would teach it', () => {
  const kind = EXAMPLE_KINDS.jumprelu
  if (kind.architecture !== 'jumprelu') throw new Error('another example was expected')
  const p = exampleParameters(kind, 3)
  const x = exampleInputs(ROWS, kind.dIn, 4)
  const theta = (p.logThreshold ?? new Float64Array()).map(Math.exp)
  const pre = plusRow(encoderProducts(kind, p, x, ROWS), p.bEnc)
  const codes = jump(pre, theta)
  const ramp = (v: number, threshold: number): number =>
    Math.min(1, Math.max(0, (v - threshold) / kind.bandwidth + 0.5))
  // Where the step is replaced: θ·(step moved) in the activation, the step itself in L0.
  const surrogate = (moved: SaeParameters): number => {
    const t = (moved.logThreshold ?? new Float64Array()).map(Math.exp)
    const shift = (i: number): number => ramp(pre[i], t[i % kind.dSae]) - ramp(pre[i], theta[i % kind.dSae])
    const soft = codes.map((a, i) => a + theta[i % kind.dSae] * shift(i))
    const steps = pre.reduce((sum, v, i) => sum + ramp(v, t[i % kind.dSae]), 0)
    const reconstruction = meanSquaredDistance(decodeDense(kind, p, soft, ROWS), x, ROWS)
    return reconstruction + (settings.sparsity * steps) / ROWS
  }
  const actual = saeGradients(kind, p, x, ROWS, settings)
  expect(actual.logThreshold?.some((g) => g !== 0)).toBe(true)
  expectClose(actual, differences(p, surrogate), ['logThreshold'])
})
