import { describe, expect, test } from 'vitest'
import { cpuBackend } from '../../../src-main/backends/cpu/backend.ts'
import { trainingCodes } from '../../../src-main/math/sae-codes.ts'
import { mapParameters, type SaeKind } from '../../../src-main/math/sae-parameters.ts'
import type { TraineeState } from '../../../src-main/sae/backend.ts'
import { EXAMPLE_DEAD, EXAMPLE_KINDS, exampleInputs } from '../math/example.ts'
import { expectStepsAsInMath } from './step-against-math.ts'
import { configOf, exampleState, SETTINGS } from './take-steps.ts'

/** So little that no entries fit and every step is dense. */
const NO_ROOM = 1

describe('a sparse step is the plain float64 step', () => {
  for (const [title, kind] of Object.entries(EXAMPLE_KINDS))
    test(title, async () => {
      const { path } = await expectStepsAsInMath(cpuBackend, kind, { dead: EXAMPLE_DEAD })
      expect(path).toBe('sparse')
    })
})

describe('with the cosine penalty a step is the plain float64 step', () => {
  for (const [title, kind] of Object.entries(EXAMPLE_KINDS))
    test(title, async () => {
      const { cosine } = await expectStepsAsInMath(cpuBackend, kind, {
        dead: EXAMPLE_DEAD,
        settings: { cosine: 0.9 },
      })
      expect(cosine).toBeGreaterThan(0)
    })
})

describe('a dense step is the plain float64 step', () => {
  for (const [title, kind] of Object.entries(EXAMPLE_KINDS).filter(([, kind]) => !('k' in kind)))
    test(title, async () => {
      const { path } = await expectStepsAsInMath(cpuBackend, kind, { rows: 40, workingMemory: NO_ROOM })
      expect(path).toBe('dense')
    })
})

describe('at sizes that divide by no vector and no part, on two threads, a step is the plain float64 step', () => {
  const sizes = [
    { title: 'tied', dIn: 72, dSae: 331, rows: 7 },
    { title: 'standard, free decoder', dIn: 257, dSae: 331, rows: 7 },
    { title: 'topk with aux-k', dIn: 1000, dSae: 101, rows: 1 },
    { title: 'batchtopk with aux-k', dIn: 100, dSae: 1023, rows: 7 },
    { title: 'jumprelu', dIn: 72, dSae: 331, rows: 33 },
    { title: 'gated, free decoder', dIn: 1000, dSae: 101, rows: 7 },
    { title: 'matryoshka', dIn: 257, dSae: 331, rows: 1 },
  ]
  for (const { title, dIn, dSae, rows } of sizes)
    test(`${title}, d ${dIn}, F ${dSae}, ${rows} rows`, async () => {
      const widths = title === 'matryoshka' && { widths: [33, 101, dSae] }
      const dead = Array.from({ length: dSae }, (_, j) => j % 5 === 1)
      const kind = { ...EXAMPLE_KINDS[title], dIn, dSae, ...widths } as SaeKind
      await expectStepsAsInMath(cpuBackend, kind, { rows, steps: 2, dead, threads: 2 })
    })
})

describe('the number of threads changes no bit', () => {
  for (const title of ['standard, free decoder', 'batchtopk with aux-k', 'matryoshka'])
    test(title, async () => {
      const kind = {
        ...EXAMPLE_KINDS[title],
        dSae: 700,
        ...(title === 'matryoshka' && { widths: [100, 700] }),
      }
      const [one, two] = [await train(kind, 1), await train(kind, 2)]
      expect(two).toEqual(one)
    })
})

/** Three steps on 300 rows; the final state. */
async function train(kind: SaeKind, threads: number): Promise<TraineeState> {
  const trainee = await cpuBackend.open(configOf(kind), exampleState(kind), { batchTokens: 300, threads })
  try {
    for (let step = 0; step < 3; step++) {
      const x = Float32Array.from(exampleInputs(300, kind.dIn, step))
      await trainee.step(x, 300, { ...SETTINGS, clipNorm: 1 })
    }
    return await trainee.read()
  } finally {
    await trainee.dispose()
  }
}

test('the gradient is clipped to the norm asked for', async () => {
  const { gradientNorm } = await expectStepsAsInMath(cpuBackend, EXAMPLE_KINDS['gated, free decoder'], {
    settings: { clipNorm: 0.1 },
  })
  expect(gradientNorm).toBeGreaterThan(0.1)
})

test('batches smaller than the largest are possible, larger ones are refused', async () => {
  const kind = EXAMPLE_KINDS.topk
  const trainee = await cpuBackend.open(configOf(kind), exampleState(kind), { batchTokens: 8, threads: 1 })
  const x = Float32Array.from(exampleInputs(9, kind.dIn, 1))
  expect((await trainee.step(x, 3, SETTINGS)).squaredErrors).toHaveLength(3)
  await expect(trainee.step(x, 9, SETTINGS)).rejects.toThrow('it has 9 rows, 1 to 8 are possible')
  await trainee.dispose()
})

test('a step whose loss is not finite changes nothing', async () => {
  const kind = EXAMPLE_KINDS['standard, free decoder']
  const trainee = await cpuBackend.open(configOf(kind), exampleState(kind), { batchTokens: 4, threads: 1 })
  const before = await trainee.read()
  const x = Float32Array.from(exampleInputs(4, kind.dIn, 1))
  x[3] = Infinity
  const report = await trainee.step(x, 4, SETTINGS)
  expect(Number.isFinite(report.loss)).toBe(false)
  expect(await trainee.read()).toEqual(before)
  await trainee.dispose()
})

test('a state of another size is refused by name', async () => {
  const kind = EXAMPLE_KINDS.topk
  const state = exampleState(kind)
  state.parameters.bEnc = new Float32Array(3)
  await expect(cpuBackend.open(configOf(kind), state, { batchTokens: 4, threads: 1 })).rejects.toThrow(
    'bEnc (parameters) has 3 numbers, 1 × 9 expected',
  )
})

test('the threshold of batchtopk follows the smallest kept activation', async () => {
  const kind = EXAMPLE_KINDS['batchtopk with aux-k']
  const trainee = await cpuBackend.open(configOf(kind), exampleState(kind), { batchTokens: 6, threads: 1 })
  const x = exampleInputs(6, kind.dIn, 1)
  const parameters = mapParameters({ ...exampleState(kind).parameters }, (tensor) =>
    Float64Array.from(tensor),
  )
  const smallest = Math.min(...trainingCodes(kind, parameters, x, 6).filter((a) => a > 0))
  const { threshold } = await trainee.step(Float32Array.from(x), 6, SETTINGS)
  expect(threshold).toBeCloseTo(smallest, 5)
  const second = await trainee.step(Float32Array.from(x), 6, SETTINGS)
  expect(second.threshold).not.toBe(threshold)
  expect(Math.abs((second.threshold ?? 0) - smallest)).toBeLessThan(0.1)
  await trainee.dispose()
})
