import { expect, test } from 'vitest'
import { fuzz, KINDS } from './fuzz.ts'

/** scripts/fuzz-sae-files.ts runs many more. */
const RUNS = Number(process.env['SUTURE_FUZZ_RUNS'] ?? 2000)
const SEED = Number(process.env['SUTURE_FUZZ_SEED'] ?? 1)

test.each(KINDS)('mutated files of kind $kind are read or refused, quickly and in little memory', (kind) => {
  const { faults, read, refused, slowestMs } = fuzz(kind, RUNS, SEED)
  expect(faults).toEqual([])
  expect(read + refused).toBe(RUNS)
  expect(refused).toBeGreaterThan(RUNS / 20)
  expect(slowestMs).toBeLessThan(5000)
})

test('a reader that believed a size, or that failed in another way, would be found', () => {
  const [kind] = KINDS
  const believing = { ...kind, read: () => void new Float32Array(1 << 28) }
  expect(fuzz(believing, 3, SEED).faults).toHaveLength(3)
  const failing = { ...kind, read: () => JSON.parse('{') as void }
  expect(fuzz(failing, 3, SEED).faults).toHaveLength(3)
})
