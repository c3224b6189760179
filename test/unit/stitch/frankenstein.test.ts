import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FrankensteinReport } from '#contract/stitch.ts'
import { cosine } from '../../../src-main/math/cosine.ts'
import { loadSae } from '../../../src-main/sae/load.ts'
import { checkFrankenstein } from '../../../src-main/stitch/check-frankenstein.ts'
import { FrankensteinParams, makeFrankenstein } from '../../../src-main/stitch/frankenstein-job.ts'
import { gatherNovel } from '../../../src-main/stitch/frankenstein.ts'
import { elementwiseForm } from '../../../src-main/stitch/elementwise-form.ts'
import { madeActivations, madeSae, plainError } from './made.ts'
import { stitchWorkspace, unstoppable, type Stitched } from './stitched.ts'

const [TOKENS, D] = [150, 4]
const x = madeActivations(TOKENS, D, 61)
const saes = [madeSae(9, D, 62), madeSae(5, D, 63), madeSae(14, D, 64)]
const forms = [saes[1], saes[0], saes[2]].map((weights) => elementwiseForm(weights, null)) // the smallest first

describe('gathering what is novel', () => {
  test('takes all of the first, then only what resembles nothing taken so far', async () => {
    const { picked, weights } = await gatherNovel(forms, [0.6, 0.8])
    expect(picked[0].features).toHaveLength(5)
    expect(weights.dSae).toBe(picked.reduce((sum, { features }) => sum + features.length, 0))
    expect(weights.bDec).toBe(forms[0].bDec)
    const hybrid = { data: weights.decoder, rows: weights.dSae, d: D }
    for (const [n, threshold] of [
      [1, 0.6],
      [2, 0.8],
    ] as const) {
      const before = picked.slice(0, n).reduce((sum, { features }) => sum + features.length, 0)
      const next = { data: forms[n].decoder, rows: forms[n].dSae, d: D }
      const novel = [...Array(forms[n].dSae).keys()].filter((j) => {
        const cosines = Array.from({ length: before }, (_, i) => cosine(next, j, hybrid, i))
        return Math.max(...cosines) < threshold
      })
      expect([...Array.from(picked[n].features)]).toEqual(novel)
    }
  })
})

describe('a Frankenstein SAE', () => {
  let made: Stitched
  beforeAll(() => {
    made = stitchWorkspace(saes, x, 10)
  })
  afterAll(() => made.remove())
  const params = (some: object = {}) =>
    FrankensteinParams.parse({
      saeId: made.workspace.saes.newId(),
      saeIds: made.saes.map(({ id }) => id),
      evaluation: { activationSetId: made.activations.id, skipPosition0: false },
      thresholds: [0.8],
      ...some,
    })
  const reportOf = (id: string): FrankensteinReport =>
    FrankensteinReport.parse(
      made.workspace.saes.get(id as (typeof made.saes)[0]['id']).provenance.parameters['report'],
    )

  test('is saved with its report: what was taken of which, before and after the refit, beside the originals', async () => {
    const asked = params()
    await makeFrankenstein(asked, made.workspace, unstoppable)
    const report = reportOf(asked.saeId)
    expect(report.steps.map(({ features, threshold }) => [features, threshold])).toEqual([
      [5, null],
      [9, 0.8],
      [14, 0.8],
    ])
    const { sae, weights } = loadSae(made.workspace, asked.saeId)
    expect(weights.dSae).toBe(report.steps.reduce((sum, { taken }) => sum + taken, 0))
    const really = plainError(weights, x)
    expect(report.after?.mse).toBeCloseTo(really.sse / TOKENS, 4)
    expect(report.after?.mse).toBeLessThan(report.before.mse)
    expect(report.after?.l0).toBeCloseTo(really.l0, 10)
    expect(sae.metrics?.mse).toBe(report.after?.mse)
    for (const { saeId, quality } of report.originals) {
      const original = plainError(loadSae(made.workspace, saeId).weights, x)
      expect(quality.mse).toBeCloseTo(original.sse / TOKENS, 4)
    }
  })

  test('without a refit keeps the directions as they come', async () => {
    const asked = params({ refit: false, thresholds: [0.5, 0.9] })
    await makeFrankenstein(asked, made.workspace, unstoppable)
    const report = reportOf(asked.saeId)
    expect(report.after).toBeNull()
    const { weights } = loadSae(made.workspace, asked.saeId)
    expect(weights.decoder.subarray(0, 5 * D)).toEqual(saes[1].decoder)
    expect(report.before.mse).toBeCloseTo(plainError(weights, x).sse / TOKENS, 4)
  })

  test('is refused where thresholds and steps do not match, or an SAE is given twice', () => {
    expect(() => checkFrankenstein(made.workspace, params({ thresholds: [0.1, 0.2, 0.3] }))).toThrow(
      /3 were given for 2 steps/,
    )
    const [one] = made.saes
    expect(() => checkFrankenstein(made.workspace, params({ saeIds: [one.id, one.id] }))).toThrow(/twice/)
  })
})
