import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { TraineeConfig } from '../../../../src-main/sae/backend.ts'
import { initialState } from '../../../../src-main/sae/architectures/index.ts'
import { Checkpoints, type SaeCheckpoint } from '../../../../src-main/sae/train/checkpoint.ts'

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'suture-checkpoint-'))
  folders.push(made)
  return made
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
const config: TraineeConfig = {
  architecture: 'jumprelu',
  dIn: 3,
  dSae: 4,
  adam,
  deadAfter: 10,
  decoderNorm: 'free',
  bandwidth: 0.1,
}
function checkpoint(seed: number): SaeCheckpoint {
  const trainee = initialState(config, seed)
  trainee.steps = 12
  trainee.threshold = 1 / 3
  trainee.tokensSinceFired.set([0, 1, 4294967295, 7])
  trainee.secondMoments.encoder.fill(0.1)
  return { trainee, fires: Uint32Array.of(9, 8, 7, 6), memo: { curve: { sums: 0.1 + 0.2 } } }
}
async function* both(): AsyncGenerator<[string, SaeCheckpoint]> {
  yield ['s-one', checkpoint(1)]
  yield ['s-two', checkpoint(2)]
}
const head = (step: number) => ({ step, place: { batch: step, cursor: { block: 2 } }, inputFactor: 0.1 })

test('what is read back is what was written, to the bit', async () => {
  const checkpoints = new Checkpoints(folder())
  expect(checkpoints.head()).toBeNull()
  await checkpoints.write(head(5), both())
  expect(checkpoints.head()).toEqual(head(5))
  expect(checkpoints.read(head(5), 's-one')).toEqual(checkpoint(1))
  expect(checkpoints.read(head(5), 's-two')).toEqual(checkpoint(2))
})

test('a new checkpoint takes the place of the old', async () => {
  const at = folder()
  const checkpoints = new Checkpoints(at)
  await checkpoints.write(head(5), both())
  await checkpoints.write(head(10), both())
  expect(checkpoints.head()?.step).toBe(10)
  expect(readdirSync(at).sort()).toEqual(['checkpoint.json', 'step-10'])
})

test('one that breaks off in the middle leaves the old one in force', async () => {
  const checkpoints = new Checkpoints(folder())
  await checkpoints.write(head(5), both())
  async function* breaksOff(): AsyncGenerator<[string, SaeCheckpoint]> {
    yield ['s-one', checkpoint(3)]
    throw new Error('killed here')
  }
  await expect(checkpoints.write(head(10), breaksOff())).rejects.toThrow('killed here')
  const newest = checkpoints.head()
  expect(newest?.step).toBe(5)
  expect(checkpoints.read(head(5), 's-two')).toEqual(checkpoint(2))
})
