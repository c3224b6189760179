import type { ThingKind } from '#contract/workspace.ts'

/** What each kind of thing is called where things of several kinds stand together. */
export const KIND_WORDS: Record<ThingKind, string> = {
  model: 'model',
  corpus: 'corpus',
  activations: 'activation set',
  run: 'training run',
  sae: 'SAE',
  index: 'feature index',
  comparison: 'comparison',
  stitch: 'bench',
  report: 'universality report',
}
