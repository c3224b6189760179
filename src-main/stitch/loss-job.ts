import { z } from 'zod'
import { StitchId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import type { ModelDevice } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import { LossRequest, SplicedLosses, StitchPath } from '#contract/stitch.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { skipsPosition0 } from '../compare/evaluation-tokens.ts'
import type { LanguageModel } from '../language-model/language-model.ts'
import { openOnDevice, rowToTry, type Opened } from '../language-model/open-on-device.ts'
import { cpuOnly, deviceOf, type ChooseProvider } from '../language-model/provider.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { loadSae } from '../sae/load.ts'
import type { Sqlite } from '../store/database.ts'
import { engineSettings } from '../store/engine-settings.ts'
import type { Workspace } from '../store/workspace.ts'
import { History } from './history.ts'
import { hybridWeights, originsOf } from './hybrid.ts'
import { formed } from './feature-form.ts'
import { membershipAtStep } from './path.ts'
import { saeLoss, splicedLoss, type LossSettings } from './spliced-loss.ts'
import { openStitchFile, readResult, writeResult } from './stitch-file.ts'

export const LossParams = LossRequest.extend({ stitchId: StitchId })
type Params = z.output<typeof LossParams>

/** Steps of another path have losses that mean nothing here. */
export function forgetStepLosses(db: Sqlite): void {
  const losses = readResult(db, 'losses', SplicedLosses)
  if (losses) writeResult(db, 'losses', { ...losses, steps: [] })
}

/** Measures the spliced loss of the hybrids asked for; each is durable when it is measured, and not measured twice. */
export async function measureLosses(
  params: Params,
  workspace: Workspace,
  control: JobControl,
  choose: ChooseProvider = cpuOnly,
): Promise<Record<string, unknown>> {
  const stitch = workspace.stitches.get(params.stitchId)
  const reader = openActivations(workspace, stitch.evaluation.activationSetId)
  const db = openStitchFile(workspace.stitchFolder(params.stitchId))
  const {
    languageModel: model,
    provider,
    reason,
  } = await openModel(workspace, reader, {
    choose,
    // A quiet one runs beside another job, and only one thread of a process may use the GPU.
    device: params.quiet ? 'cpu' : deviceOf(engineSettings(workspace.db).backend),
  })
  try {
    const settings: LossSettings = {
      rows: Math.min(params.rows, Math.floor(reader.set.tokens / reader.set.contextSize)),
      skipPosition0: skipsPosition0(reader.set, stitch.evaluation),
    }
    const losses = await baselines(db, model, reader, settings)
    const hybrids = hybridsAsked(params, workspace, db).filter(({ known }) => !known(losses))
    for (const [n, hybrid] of hybrids.entries()) {
      control.report('running the model with hybrids', n, hybrids.length, 'hybrids')
      control.checkpoint()
      const loss = await saeLoss(model, reader, settings, hybrid.weights())
      keepLoss(db, settings, (kept) => hybrid.keep(kept, loss))
    }
    return { id: params.stitchId, measured: hybrids.length, ranOn: provider, reason }
  } finally {
    db.close()
    reader.close()
    await model.close()
  }
}

/** The model of the activations on a device. */
function openModel(
  workspace: Workspace,
  { set }: ActivationReader,
  on: { device: ModelDevice; choose: ChooseProvider },
): Promise<Opened> {
  if (set.modelId === null || !set.hasTokens)
    throw problem(
      'not-available',
      set.name,
      'the next-token loss needs the model and the token ids of the activations, and these came without',
      'Use activations harvested here, or import them with ids and a model.',
    )
  const model = workspace.models.get(set.modelId)
  const row = rowToTry(model, set.contextSize)
  return openOnDevice(model, {
    ...on,
    attempt: async (opened) => {
      const [x] = await opened.runTo([set.hookName], row, 1)
      return [await opened.runFrom(set.hookName, x, row, 1)]
    },
  })
}

/** What is kept of the same rows. */
function keptLosses(db: Sqlite, { rows, skipPosition0 }: LossSettings): SplicedLosses | null {
  const kept = readResult(db, 'losses', SplicedLosses)
  return kept?.rows === rows && kept.skippedPosition0 === skipPosition0 ? kept : null
}

/** Adds a loss to what is kept by now: a brief job measures beside a long one, and both keep theirs. */
function keepLoss(db: Sqlite, settings: LossSettings, add: (kept: SplicedLosses) => void): void {
  const keep = (): void => {
    const kept = keptLosses(db, settings)
    if (!kept) return // measured on other rows meanwhile
    add(kept)
    writeResult(db, 'losses', kept)
  }
  db.transaction(keep).immediate()
}

/** What was measured before on the same rows, or the three baselines anew. */
async function baselines(
  db: Sqlite,
  model: LanguageModel,
  reader: ActivationReader,
  settings: LossSettings,
): Promise<SplicedLosses> {
  const known = keptLosses(db, settings)
  if (known) return known
  const { contextSize, dIn } = reader.set
  const mean = new Float64Array(dIn)
  for (let row = 0; row < settings.rows; row++) {
    const x = reader.read(row * contextSize, contextSize)
    for (let i = 0; i < x.length; i++) mean[i % dIn] += x[i] / (settings.rows * contextSize)
  }
  const losses: SplicedLosses = {
    rows: settings.rows,
    skippedPosition0: settings.skipPosition0,
    clean: await splicedLoss(model, reader, settings, (x) => x.slice()),
    zero: await splicedLoss(model, reader, settings, (x) => new Float32Array(x.length)),
    mean: await splicedLoss(model, reader, settings, (x) => x.map((_, i) => mean[i % dIn])),
    points: [],
    steps: [],
  }
  if (!keptLosses(db, settings)) writeResult(db, 'losses', losses)
  return losses
}

interface AskedHybrid {
  known(losses: SplicedLosses): boolean
  weights(): SaeWeights
  keep(losses: SplicedLosses, loss: number): void
}

function hybridsAsked(params: Params, workspace: Workspace, db: Sqlite): AskedHybrid[] {
  const stitch = workspace.stitches.get(params.stitchId)
  const { baseForm, donorForm, baseCount, donorCount } = stitch
  if (!baseForm || !donorForm)
    throw problem('conflict', stitch.name, 'its evaluation set is not prepared yet')
  const base = formed(loadSae(workspace, stitch.baseId).weights, baseForm)
  const donor = formed(loadSae(workspace, stitch.donorId).weights, donorForm)
  const built = (inHybrid: Uint8Array): SaeWeights =>
    hybridWeights(base, donor, originsOf(inHybrid, baseCount))
  const history = new History(db)
  const path = readResult(db, 'path', StitchPath)
  return [
    ...params.points.map((point) => ({
      known: (losses: SplicedLosses) => losses.points.some((p) => p.point === point),
      weights: () => built(history.membership(point, baseCount, baseCount + donorCount)),
      keep: (losses: SplicedLosses, loss: number) => void losses.points.push({ point, loss }),
    })),
    ...params.steps.map((step) => ({
      known: (losses: SplicedLosses) => losses.steps.some((s) => s.step === step),
      weights: () => built(membershipAtStep(path, step, stitch)),
      keep: (losses: SplicedLosses, loss: number) => void losses.steps.push({ step, loss }),
    })),
  ]
}
