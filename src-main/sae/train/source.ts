import { assertNever } from '#contract/assert-never.ts'
import { problem } from '#contract/problem.ts'
import type { Run, TrainingSource } from '#contract/training.ts'
import { openActivations } from '../../activations/reader.ts'
import { tokensPerPass } from '../../activations/shuffled-batches.ts'
import type { ChooseProvider } from '../../language-model/provider.ts'
import type { Workspace } from '../../store/workspace.ts'
import type { BatchSource } from './batch-source.ts'
import { CachedSource } from './cached-source.ts'
import { describeModelSource, openModelSource } from './model-source.ts'
import { openRunModel } from './run-model.ts'
import type { SourceFacts } from './source-facts.ts'

/** What can be said of a source without reading it. @throws Problem not-found, conflict or bad-input */
export function describeSource(
  workspace: Workspace,
  source: TrainingSource,
  skipPosition0: boolean,
): SourceFacts {
  switch (source.from) {
    case 'activations':
      return describeActivations(workspace, source.activationSetId, skipPosition0)
    case 'model':
      return describeModelSource(workspace, source)
    default:
      return assertNever(source)
  }
}

function describeActivations(
  workspace: Workspace,
  id: Extract<TrainingSource, { from: 'activations' }>['activationSetId'],
  skipPosition0: boolean,
): SourceFacts {
  const set = workspace.activationSets.get(id)
  if (!set.complete)
    throw problem(
      'conflict',
      set.name,
      'this activation set is not complete',
      'Wait for its job, or resume it.',
    )
  const model = set.modelId === null ? undefined : workspace.models.find(set.modelId)
  return {
    subject: set.name,
    hookName: set.hookName,
    dIn: set.dIn,
    tokensPerPass: tokensPerPass(set, skipPosition0),
    modelId: model?.id ?? null,
    modelName: model?.name ?? null,
    activationSetId: set.id,
    from: [set.id],
    modelAtHand: model !== undefined && set.hasTokens,
  }
}

export async function openSource(
  workspace: Workspace,
  run: Run,
  chooseProvider: ChooseProvider,
): Promise<BatchSource> {
  const { settings } = run
  const { source } = settings
  switch (source.from) {
    case 'activations':
      return new CachedSource(openActivations(workspace, source.activationSetId), settings)
    case 'model':
      return openModelSource(workspace, source, settings, (model, attempt) =>
        openRunModel({ workspace, run, chooseProvider }, model, attempt),
      )
    default:
      return assertNever(source)
  }
}
