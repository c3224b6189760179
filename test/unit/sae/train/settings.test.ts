import { describe, expect, test } from 'vitest'
import { problemOf } from '../../../../src-preload/contract/problem.ts'
import { TrainRequest } from '../../../../src-preload/contract/training.ts'
import { decideSettings } from '../../../../src-main/sae/train/settings.ts'
import type { SourceFacts } from '../../../../src-main/sae/train/source-facts.ts'
import { addActivations, newRun, withWorkspace } from './small-run.ts'

const facts: SourceFacts = {
  subject: 'stories',
  hookName: 'blocks.2.hook_resid_pre',
  dIn: 64,
  tokensPerPass: 1_000_000,
  modelId: null,
  modelName: null,
  activationSetId: null,
  from: [],
  modelAtHand: true,
}
const topk = { architecture: 'topk', width: 256 }
const standard = { architecture: 'standard', width: 128 }
const request = (over: object) =>
  TrainRequest.parse({
    source: { from: 'activations', activationSetId: 'a-aaaaaaaa' },
    saes: [topk],
    ...over,
  })
const settings = (over: object, of: Partial<SourceFacts> = {}) =>
  decideSettings(request(over), { ...facts, ...of })
const refusal = (over: object, of: Partial<SourceFacts> = {}): string => {
  try {
    settings(over, of)
    return 'accepted'
  } catch (error) {
    const { subject, message } = problemOf(error)
    return `${subject}: ${message}`
  }
}

describe('what a request leaves open', () => {
  test('a small set is passed over several times, in batches small enough for many steps', () => {
    const { tokens, batchTokens, steps } = settings({})
    expect(tokens).toBeGreaterThan(7_900_000)
    expect(batchTokens).toBe(512)
    expect(steps).toBe(Math.floor(8_000_000 / 512))
  })

  test('a large set is passed over once, in large batches', () => {
    const { tokens, batchTokens } = settings({}, { tokensPerPass: 300_000_000 })
    expect(batchTokens).toBe(4096)
    expect(tokens).toBeGreaterThan(299_000_000)
  })

  test('a tiny set makes a tiny batch', () => {
    expect(settings({}, { tokensPerPass: 100 })).toMatchObject({ batchTokens: 100, tokens: 2000 })
  })

  test('tokens or steps say how long', () => {
    expect(settings({ tokens: 10_000, batchTokens: 1000 })).toMatchObject({ steps: 10, tokens: 10_000 })
    expect(settings({ steps: 7, batchTokens: 1000 })).toMatchObject({ steps: 7, tokens: 7000 })
  })

  test('warm-up and decay are shares of the run below 1, and steps from 1', () => {
    const over = { steps: 1000, batchTokens: 10, learningRateWarmUp: 0.1, learningRateDecay: 50 }
    expect(settings(over)).toMatchObject({ learningRateWarmUp: 100, learningRateDecay: 50 })
  })

  test('every default of an SAE is written down', () => {
    const { saes } = settings({ saes: [topk, standard] })
    expect(saes[0]).toMatchObject({ k: 16, auxK: 32, auxWeight: 1 / 32, decoderNorm: 'free' })
    expect(saes[0].learningRate).toBeGreaterThan(0)
    expect(saes[1]).toMatchObject({ resample: true, targetL0: null, sparsity: 0.8 })
  })

  test('a small SAE is trained on one thread, whatever the machine has', () => {
    expect(settings({ saes: [{ ...topk, width: 64 }], batchTokens: 256 }).threads).toBe(1)
  })

  test('deciding twice changes nothing', () => {
    const once = settings({ saes: [topk, standard], steps: 100, batchTokens: 10 })
    expect(settings({ saes: once.saes, steps: 100, batchTokens: 10 }).saes).toEqual(once.saes)
  })

  test('CE recovered goes with points of the curve, and only where the model is at hand', () => {
    const { ceEvery, pointEvery } = settings({})
    expect(ceEvery).toBeGreaterThan(0)
    expect(ceEvery % pointEvery).toBe(0)
    expect(settings({ ceEvery: 10 }, { modelAtHand: false }).ceEvery).toBe(0)
  })
})

describe('what makes no sense is refused before anything is made', () => {
  test.each<[object, Partial<SourceFacts>, string]>([
    [{ saes: [{ ...topk, width: 0 }] }, {}, 'width: 0 was given'],
    [{ saes: [{ ...topk, k: 300 }] }, {}, 'k: 300 features per token cannot be kept out of 256'],
    [{ saes: [{ ...topk, k: 0 }] }, {}, 'k: 0 features per token is too few'],
    [{ saes: [{ ...standard, sparsity: -1 }] }, {}, 'sparsity: -1 is not a weight of 0 or more'],
    [
      { saes: [{ ...standard, targetL0: 128 }] },
      {},
      'target L0: 128 features per token cannot be reached with 128 features',
    ],
    [
      { saes: [{ ...topk, architecture: 'matryoshka', widths: [64, 32, 256] }] },
      {},
      'nested widths: 64, 32, 256 do not ascend to the width of 256',
    ],
    [{ saes: [{ ...topk, learningRate: -1 }] }, {}, 'learning rate: -1 was given'],
    [{ tokens: 100, steps: 5 }, {}, 'tokens and steps: both were given'],
    [{ tokens: 100, batchTokens: 500 }, {}, 'tokens: 100 tokens are fewer than one batch of 500'],
    [
      { batchTokens: 500 },
      { tokensPerPass: 499 },
      'stories: it has 499 tokens (position 0 of every row is left out), fewer than one batch of 500',
    ],
    [{}, { tokensPerPass: 0 }, 'stories: it has no tokens to train on (position 0 of every row is left out)'],
  ])('%j', (over, of, sentence) => expect(refusal(over, of)).toBe(sentence))

  test('an activation set that is missing or not complete', () =>
    withWorkspace((workspace) => {
      const set = addActivations(workspace)
      const saes = [{ architecture: 'standard' as const, width: 8 }]
      workspace.activationSets.update(set.id, { complete: false })
      expect(() => newRun(workspace, set, { saes })).toThrow('this activation set is not complete')
      workspace.activationSets.remove(set.id)
      expect(() => newRun(workspace, set, { saes })).toThrow('this workspace has no activations of that id')
      expect(workspace.saes.list()).toEqual([])
    }))
})
