import type { Run } from '#contract/training.ts'
import { contextShape } from '../../corpus/context-shape.ts'
import type { Workspace } from '../../store/workspace.ts'
import type { SaelensMetadata } from '../formats/saelens-writer.ts'

/** What the file of a trained SAE says of how its activations were made, in SAELens' words. */
export function fileMetadata(workspace: Workspace, { settings }: Run): SaelensMetadata {
  const { source, tokens } = settings
  const context = source.from === 'activations' ? ofSet(workspace, source) : ofCorpus(workspace, source)
  const modelId =
    source.from === 'model' ? source.modelId : workspace.activationSets.get(source.activationSetId).modelId
  const model = modelId === null ? undefined : workspace.models.find(modelId)
  return {
    ...context,
    training_tokens: tokens,
    ...(model?.centerWritingWeights && { model_from_pretrained_kwargs: { center_writing_weights: true } }),
  }
}

type Source<F> = Extract<Run['settings']['source'], { from: F }>

function ofSet(workspace: Workspace, { activationSetId }: Source<'activations'>): SaelensMetadata {
  const { contextSize, prependBos } = workspace.activationSets.get(activationSetId)
  return { context_size: contextSize, prepend_bos: prependBos }
}

function ofCorpus(workspace: Workspace, source: Source<'model'>): SaelensMetadata {
  const corpus = workspace.corpora.get(source.corpusId)
  const { contextSize, bosId } = contextShape(corpus, workspace.models.get(source.modelId), source)
  return { context_size: contextSize, prepend_bos: bosId !== null }
}
