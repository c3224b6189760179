import type { JobControl } from '#contract/job.ts'
import type { FeatureForm, Stitch } from '#contract/stitch.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { countedTokens, evaluationBatches, skipsPosition0 } from '../compare/evaluation-tokens.ts'
import { batchTokens } from '../features/encode-part.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { choosesAmongFeatures, elementwiseForm } from './elementwise-form.ts'
import { evaluationPart } from './evaluation-builder.ts'
import { FixedThreshold } from './fixed-threshold.ts'
import { countParts, openStitchFile, writePart } from './stitch-file.ts'

/** A fixed threshold is the mean over at most so many tokens. */
const THRESHOLD_TOKENS = 20_000

/** How the features of an SAE will be used, measured on the evaluation tokens where that needs a threshold. */
async function formOf(
  weights: SaeWeights,
  reader: ActivationReader,
  { evaluation }: Stitch,
  control: JobControl,
): Promise<FeatureForm> {
  if (!choosesAmongFeatures(weights)) return { kind: 'exact' }
  const maxRows = batchTokens(weights.dSae)
  const request = { ...evaluation, tokens: Math.min(evaluation.tokens, THRESHOLD_TOKENS) }
  const encoder = await openEncoder(weights, { maxRows })
  const threshold = new FixedThreshold()
  try {
    let tokens = 0
    for (const { x, rows } of evaluationBatches(reader, request, maxRows)) {
      threshold.take(await encoder.encode(x, rows))
      control.report('measuring a threshold', (tokens += rows), countedTokens(reader.set, request), 'tokens')
      if (control.stopAsked) control.checkpoint()
    }
  } finally {
    await encoder.close()
  }
  return { kind: 'fixed-threshold', threshold: threshold.value }
}

export const formed = (weights: SaeWeights, form: FeatureForm): SaeWeights =>
  elementwiseForm(weights, form.kind === 'fixed-threshold' ? form.threshold : null)

/** Encodes the evaluation tokens with base and donor, part by part; goes on after the last part that is on the disk. */
export async function prepareStitch(
  id: Stitch['id'],
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  let stitch = workspace.stitches.get(id)
  const weights = [stitch.baseId, stitch.donorId].map((saeId) => loadSae(workspace, saeId).weights)
  const reader = openActivations(workspace, stitch.evaluation.activationSetId)
  const db = openStitchFile(workspace.stitchFolder(id))
  try {
    stitch = workspace.stitches.update(id, {
      baseForm: stitch.baseForm ?? (await formOf(weights[0], reader, stitch, control)),
      donorForm: stitch.donorForm ?? (await formOf(weights[1], reader, stitch, control)),
    })
    if (!stitch.baseForm || !stitch.donorForm) throw new Error('both forms were just made')
    const forms = [formed(weights[0], stitch.baseForm), formed(weights[1], stitch.donorForm)] as const
    await encodeParts(
      forms,
      reader,
      stitch,
      { write: (number, part) => writePart(db, number, part), from: countParts(db) },
      control,
    )
  } finally {
    db.close()
    reader.close()
  }
  const { activationSetId } = stitch.evaluation
  const evaluatedOn = {
    activationSetId,
    tokens: countedTokens(reader.set, stitch.evaluation),
    skippedPosition0: skipsPosition0(reader.set, stitch.evaluation),
  }
  workspace.stitches.update(id, { evaluatedOn, complete: true })
  return { id, ...evaluatedOn }
}

interface PartStore {
  /** The first part that is still to be made. */
  from: number
  write: (number: number, part: ReturnType<typeof evaluationPart>) => void
}

async function encodeParts(
  [base, donor]: readonly [SaeWeights, SaeWeights],
  reader: ActivationReader,
  { evaluation }: Stitch,
  store: PartStore,
  control: JobControl,
): Promise<void> {
  const total = countedTokens(reader.set, evaluation)
  const maxRows = batchTokens(Math.max(base.dSae, donor.dSae))
  const [baseEncoder, donorEncoder] = [
    await openEncoder(base, { maxRows }),
    await openEncoder(donor, { maxRows }),
  ]
  try {
    let number = store.from
    for (const { x, rows, token } of evaluationBatches(reader, evaluation, maxRows, number)) {
      const baseCodes = await baseEncoder.encode(x, rows)
      const donorCodes = await donorEncoder.encode(x, rows)
      store.write(number++, evaluationPart(base, donor, { x, token, baseCodes, donorCodes }))
      control.report('encoding with both', Math.min(total, number * maxRows), total, 'tokens')
      control.checkpoint()
    }
  } finally {
    await Promise.all([baseEncoder.close(), donorEncoder.close()])
  }
}
