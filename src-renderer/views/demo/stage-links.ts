import { DEMO_STAGES, type Demo, type DemoStageId } from '#contract/demo.ts'

export interface StageLink {
  label: string
  path: string
}

const link = (label: string, path: string, ...needed: unknown[]): StageLink | null =>
  needed.every((one) => one !== undefined && one !== false) ? { label, path } : null

/** What a stage has made so far and where to look at it; null while there is nothing to see. */
export function stageLink(stage: DemoStageId, made: Demo): StageLink | null {
  const isBehind = made.complete || made.stage > DEMO_STAGES.findIndex(({ id }) => id === stage)
  switch (stage) {
    case 'model':
      return link('The model', `/home/${made.modelId}`, made.modelId)
    case 'stories':
      return link('The corpus', `/home/${made.corpusId}`, made.corpusId)
    case 'harvest':
      return link('The activations', `/home/${made.activationSetId}`, made.activationSetId)
    case 'train':
      return link('The curves', `/train/${made.runId}`, made.runId)
    case 'index':
      // Indexes are made one after the other: the first is whole when the second was begun.
      return link(
        'The features',
        `/sae/${made.saeIds[0]}/features`,
        made.saeIds[0],
        isBehind || made.indexIds.length > 1,
      )
    case 'compare':
      return link('The comparison', `/compare/${made.comparisonId}`, made.comparisonId, isBehind)
    case 'concepts':
      return link('The table', '/demo/concepts', isBehind)
  }
}
