import type { JobControl } from '#contract/job.ts'
import type { Stitch } from '#contract/stitch.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { countedTokens, evaluationBatches, skipsPosition0 } from '../compare/evaluation-tokens.ts'
import { batchTokens } from '../features/encode-part.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { evaluationPart } from './evaluation-builder.ts'
import { formed, formOf } from './feature-form.ts'
import { countParts, openStitchFile, writePart } from './stitch-file.ts'

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
      baseForm: stitch.baseForm ?? (await formOf(weights[0], reader, stitch.evaluation, control)),
      donorForm: stitch.donorForm ?? (await formOf(weights[1], reader, stitch.evaluation, control)),
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
