import { z } from 'zod'
import { SaeId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import type { Sae } from '#contract/sae.ts'
import {
  FrankensteinRequest,
  type FeatureForm,
  type FeatureOrigins,
  type FrankensteinReport,
} from '#contract/stitch.ts'
import { openActivations } from '../activations/reader.ts'
import { skipsPosition0 } from '../compare/evaluation-tokens.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { formed, formOf } from './feature-form.ts'
import { gatherNovel } from './frankenstein.ts'
import type { Picked } from './combine.ts'
import { measure, refitted, type Work } from './refit.ts'
import { saveHybrid } from './save-hybrid.ts'

export const FrankensteinParams = FrankensteinRequest.extend({ saeId: SaeId })
type Params = z.output<typeof FrankensteinParams>

interface Source {
  sae: Sae
  weights: SaeWeights
}

/** Which features are taken of which SAE, in the forms they are used in. */
async function gathered(sources: readonly Source[], { params, reader, control }: Work) {
  const forms: FeatureForm[] = []
  for (const { weights } of sources) forms.push(await formOf(weights, reader, params.evaluation, control))
  const thresholds = sources.slice(1).map((_, n) => params.thresholds[n] ?? params.thresholds[0])
  const { picked, weights } = await gatherNovel(
    sources.map((source, n) => formed(source.weights, forms[n])),
    thresholds,
    (done) => control.report('gathering novel features', done, thresholds.length, 'SAEs'),
  )
  const steps = sources.map(({ sae }, n) => ({
    saeId: sae.id,
    threshold: n === 0 ? null : thresholds[n - 1],
    features: sae.dSae,
    taken: picked[n].features.length,
    form: forms[n],
  }))
  return { picked, weights, steps }
}

/** Makes a Frankenstein SAE, measures it before and after the refit beside the SAEs it is made of, and saves it. */
export async function makeFrankenstein(
  params: Params,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const sources: Source[] = params.saeIds
    .map((id) => loadSae(workspace, id))
    .sort((p, q) => p.sae.dSae - q.sae.dSae)
  const reader = openActivations(workspace, params.evaluation.activationSetId)
  const work: Work = { params, reader, control }
  try {
    const { picked, weights, steps } = await gathered(sources, work)
    const fit = params.refit ? await refitted(weights, work) : null
    const before = fit?.before ?? (await measure(weights, work, 'measuring'))
    const after = fit && (await measure(fit.weights, work, 'measuring after the refit'))
    const originals: FrankensteinReport['originals'] = []
    for (const { sae, weights: own } of sources)
      originals.push({
        saeId: sae.id,
        features: own.dSae,
        quality: await measure(own, work, `measuring ${sae.name}`),
      })
    const evaluatedOn = {
      activationSetId: params.evaluation.activationSetId,
      tokens: before.tokens,
      skippedPosition0: skipsPosition0(reader.set, params.evaluation),
    }
    const report: FrankensteinReport = { evaluatedOn, steps, before, after, originals }
    saveHybrid(workspace, sources[0].sae, fit?.weights ?? weights, originsOf(sources, picked), {
      id: params.saeId,
      name: params.name ?? `Frankenstein of ${sources.map(({ sae }) => sae.name).join(', ')}`,
      metrics: { ...(after ?? before), ...evaluatedOn },
      madeBy: 'frankenstein',
      parameters: { ...params, report },
    })
    return { id: params.saeId, features: weights.dSae }
  } finally {
    reader.close()
  }
}

const originsOf = (sources: readonly Source[], picked: readonly Picked[]): FeatureOrigins => ({
  saes: sources.map(({ sae }) => ({ id: sae.id, name: sae.name })),
  sae: Int32Array.from(picked.flatMap(({ features }, n) => Array<number>(features.length).fill(n))),
  feature: Int32Array.from(picked.flatMap(({ features }) => Array.from(features))),
})
