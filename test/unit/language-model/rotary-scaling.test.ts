// Frequencies to the last bits, since the last positions of a row multiply what differs: the numbers are those that
// transformers/modeling_rope_utils.py gives.
import { expect, test } from 'vitest'
import { SCALINGS } from '../../../src-main/language-model/rotary-scaling.ts'

/** Within the last bit of a float32. */
function expectClose(found: Float32Array | undefined, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs((found?.[i] ?? NaN) / value - 1), `pair ${i}`).toBeLessThan(1.2e-7)
}

test('Llama 3.1: short wavelengths kept, long ones stretched, those between blended', () => {
  const made = SCALINGS['llama3'].read(
    { factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
    { theta: 500_000, dim: 16, contextSize: 1024, trained: 20 },
  )
  expect(made?.scale).toBe(1)
  // prettier-ignore
  expectClose(made?.frequencies, [
    0.7617371082305908, 0.024240344762802124, 0.004700753837823868, 0.0009115831344388425,
    0.00017677668074611574, 3.428102354519069e-5, 6.647869668086059e-6, 1.289173155782919e-6,
  ])
})

test('YaRN: a ramp over the pairs of dimensions, and attention made sharper', () => {
  const made = SCALINGS['yarn'].read(
    { factor: 8 },
    { theta: 10_000, dim: 16, contextSize: 1024, trained: 128 },
  )
  expect(made?.scale).toBeCloseTo(1.2079441541679836, 12)
  // prettier-ignore
  expectClose(made?.frequencies, [
    1, 0.2239946573972702, 0.0416666641831398, 0.0039528473280370235,
    0.0012499999720603228, 0.00039528473280370235, 0.0001250000059371814, 3.9528473280370235e-5,
  ])
})

test('LongRoPE: one list of factors up to the trained context, another for longer rows', () => {
  const made = SCALINGS['longrope'].read(
    { short_factor: [1, 2], long_factor: [2, 4] },
    { theta: 100, dim: 4, contextSize: 64, trained: 16 },
  )
  expectClose(made?.frequencies, [1, 0.05])
  expect(made?.beyond?.context).toBe(16)
  expectClose(made?.beyond?.frequencies, [0.5, 0.025])
  expect(made?.scale).toBeCloseTo(Math.sqrt(1.5), 12)
})

test('numbers that are missing are not made up', () => {
  expect(SCALINGS['linear'].read({}, { theta: 100, dim: 4, contextSize: 64, trained: 64 })).toBeNull()
})
