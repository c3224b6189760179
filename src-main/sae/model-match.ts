import type { Model } from '#contract/model.ts'
import type { Source } from './formats/claims.ts'

export interface ModelMatch {
  model: Model
  from: Source
}

/** Names of one model in two libraries, without what stands before the slash: "openai-community/gpt2" is "gpt2-small". */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/^gpt2$/, 'gpt2-small')

/**
 * The model of a workspace that an SAE belongs to: the one of that name, else the only one that has the hook point with
 * that width. A name that fits no model of the workspace is believed: then there is none.
 */
export function matchModel(
  models: readonly Model[],
  {
    name,
    hookName,
    dIn,
    centred,
  }: { name: string | null; hookName: string | null; dIn: number; centred: boolean },
): ModelMatch | null {
  // The same folder may be there twice, with and without centred activations.
  const bySuitability = models.toSorted(
    (a, b) => Number(b.centerWritingWeights === centred) - Number(a.centerWritingWeights === centred),
  )
  const fits = bySuitability.filter(({ hookPoints, dModel }) =>
    hookName === null
      ? dModel === dIn
      : hookPoints.some((point) => point.name === hookName && point.width === dIn),
  )
  if (name !== null) {
    const named = fits.find((model) => bare(model.name) === bare(name) || bare(model.folder) === bare(name))
    return named ? { model: named, from: 'file' } : null
  }
  return fits.length === 1 ? { model: fits[0], from: 'guess' } : null
}
