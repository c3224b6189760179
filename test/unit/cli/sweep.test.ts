import { expect, test } from 'vitest'
import { sweep } from '../../../src-main/cli/sweep.ts'

test('lists make a grid of every combination', () => {
  const grid = sweep({ kind: ['topk'], width: ['256,512'], k: ['8', '16'] })
  expect(grid).toEqual([
    { architecture: 'topk', width: 256, k: 8 },
    { architecture: 'topk', width: 256, k: 16 },
    { architecture: 'topk', width: 512, k: 8 },
    { architecture: 'topk', width: 512, k: 16 },
  ])
})

test('each kind gets the options that belong to it', () => {
  const grid = sweep({
    kind: ['standard,topk'],
    width: ['64'],
    k: ['8'],
    l1: ['0.5'],
    auxK: '4',
    resample: false,
  })
  expect(grid).toEqual([
    { architecture: 'standard', width: 64, sparsity: 0.5, resample: false },
    { architecture: 'topk', width: 64, k: 8, auxK: 4 },
  ])
})

test.each([
  [{ width: ['64'] }, '--kind: none was given'],
  [{ kind: ['topk'] }, '--width: none was given'],
  [{ kind: ['topk'], width: ['many'] }, '--width: "many" is not a number'],
  [{ kind: ['relu'], width: ['64'] }, '--kind: "relu" is no kind of SAE'],
  [{ kind: ['standard'], width: ['64'], k: ['8'] }, '--k: no SAE of kind standard has it'],
])('%j is refused', (options, sentence) => expect(() => sweep(options)).toThrow(sentence))
