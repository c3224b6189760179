import { describe, expect } from 'vitest'
import { spanningForest, swapComponents } from '../../../src-preload/contract/swap-graph.ts'
import { effectCurve, effectTable } from '../../../src-preload/contract/threshold.ts'
import { activationSimilarity } from '../../../src-main/compare/activation-similarity.ts'
import { AddedEffect } from '../../../src-main/compare/added-effect.ts'
import { decoderCosine } from '../../../src-main/compare/decoder-cosine.ts'
import { QualitySums, residualOf } from '../../../src-main/compare/quality.ts'
import { firstMatches } from '../../../src-main/compare/ranked-lists.ts'
import { testWithShared } from '../../shared.ts'
import {
  expectClose,
  readF64,
  reference,
  referenceCodes,
  referenceSae,
  referenceTensors,
  SAE_NAMES,
} from './reference.ts'

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
const pairs = SAE_NAMES.flatMap((a) => SAE_NAMES.filter((b) => b !== a).map((b) => [a, b] as const))

describe('against the exact reference numbers', () => {
  testWithShared('max cosine, its place, MCS and counts above 0.7 of every ordered pair', async () => {
    const { pairs: want } = reference()
    for (const [a, b] of pairs) {
      const { aToB } = await decoderCosine(referenceSae(a), referenceSae(b), { k: 3, floor: 0.6 })
      const { value: cosine, feature } = firstMatches(aToB)
      const pair = `${a}->${b}`
      expectClose(cosine, readF64(`${pair}/max_cos`))
      expect([...feature]).toEqual([...referenceTensors().readI32(`${pair}/argmax_cos`)])
      expectClose([mean([...cosine])], [want[pair].mean_max_cos])
      expect(cosine.filter((c) => c > 0.7).length).toBe(want[pair]['n_max_cos_gt_0.7'])
    }
  })

  testWithShared(
    'max Pearson, its place and its mean over the features that vary, of every ordered pair',
    () => {
      const { pairs: want } = reference()
      const x = referenceTensors().readF32('activations_f32')
      const [weights, codes] = [new Map(SAE_NAMES.map((n) => [n, referenceSae(n)])), new Map()]
      for (const [name, w] of weights) codes.set(name, referenceCodes(name, w, x))
      for (const [a, b] of pairs) {
        const [aCount, bCount] = [weights.get(a)!.dSae, weights.get(b)!.dSae]
        const best = activationSimilarity(codes.get(a)!, aCount, codes.get(b)!, bCount, {
          k: 2,
          measure: 'pearson',
        })
        const { value: cosine, feature } = firstMatches(best)
        const pair = `${a}->${b}`
        expectClose(cosine, readF64(`${pair}/max_pearson`))
        expect([...feature]).toEqual([...referenceTensors().readI32(`${pair}/argmax_pearson`)])
        const varying = [...cosine].filter((r) => r >= -1)
        expect(varying.length).toBe(want[pair].n_varying_features)
        expectClose([mean(varying)], [want[pair].mean_max_pearson_over_varying_features])
      }
    },
  )

  testWithShared('ΔMSE of every feature of B added to A, novel counts and the table', async () => {
    const x = referenceTensors().readF32('activations_f32')
    const { saes, stitch } = reference()
    for (const want of Object.values(stitch)) {
      const [a, b] = [referenceSae(want.small), referenceSae(want.big)]
      const [quality, effect] = [new QualitySums(a), new AddedEffect(b)]
      const codes = referenceCodes(want.small, a, x)
      const residual = residualOf(a, codes, x)
      quality.take(x, residual, codes)
      effect.take(residual, referenceCodes(want.big, b, x))
      const tokens = x.length / a.dIn
      const { L0, explained_variance } = saes[want.small]
      const { mse, l0, explainedVariance } = quality.quality()
      expectClose([mse, l0, explainedVariance], [want.base_mse, L0, explained_variance])
      const delta = effect.deltaSse.map((d) => d / tokens)
      expectClose(delta, want.delta_mse_single)

      const { bToA, aToB, edges } = await decoderCosine(a, b, { k: 1, floor: 0.5 })
      expectClose(bToA.value, want.max_cos_of_big_features)
      expect([...bToA.feature]).toEqual(want.argmax_small_feature)
      expectClose(aToB.value, want.max_cos_of_small_features)
      expect([...aToB.feature]).toEqual(want.argmax_big_feature)
      const { novel, reconstruction } = effectTable(effectCurve(bToA.value, delta), want.threshold)
      expect(novel.falls + novel.rises + novel.unchanged).toBe(want.n_novel)
      expect(reconstruction.falls + reconstruction.rises + reconstruction.unchanged).toBe(
        want.n_reconstruction,
      )
      const novelFeatures = [...bToA.value.keys()].filter((j) => bToA.value[j] <= want.threshold)
      expect(novelFeatures).toEqual(want.novel_features)
      expect(novel.falls).toBe(novelFeatures.filter((j) => want.delta_mse_single[j] < 0).length)

      // Every reconstruction feature is in exactly one component, no novel one is in any.
      const found = swapComponents(spanningForest(edges, a.dSae, b.dSae), a.dSae, b.dSae, want.threshold)
      expect(found.bFeature.toSorted()).toEqual(
        Int32Array.from(want.delta_mse_single.keys().filter((j) => !novelFeatures.includes(j))),
      )
    }
  })
})
