import type { SaeConcepts } from '#contract/demo.ts'
import type { IndexId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { openActivations } from '../activations/reader.ts'
import { openIndex, type IndexReader } from '../features/index-reader.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import type { Workspace } from '../store/workspace.ts'
import { conceptMasks } from './concept-labels.ts'
import { bestFeatures, type Firings } from './concept-match.ts'
import { RECIPE } from './recipe.ts'

/** The concepts of every token of the demo's activation set. */
async function masksOf(
  workspace: Workspace,
  setId: Parameters<typeof openActivations>[1],
): Promise<Uint32Array> {
  const reader = openActivations(workspace, setId)
  try {
    const { modelId, tokens } = reader.set
    const model = workspace.models.get(modelId!)
    const ids = reader.ids(0, tokens)
    const tokenizer = await openTokenizer(model.folder)
    return conceptMasks(ids!, model.bosId!, tokenizer, RECIPE.storySeed)
  } finally {
    reader.close()
  }
}

function* firings(
  reader: IndexReader,
  each: (feature: number) => void,
): Generator<readonly [number, Firings]> {
  for (let feature = 0; feature < reader.index.dSae; feature++) {
    each(feature)
    yield [feature, reader.postings(feature)]
  }
}

/** For every index of the demo, the best feature of every concept. Position 0, which is BOS, does not count. */
export async function matchConcepts(
  workspace: Workspace,
  indexIds: readonly IndexId[],
  control: JobControl,
): Promise<SaeConcepts[]> {
  const { contextSize } = workspace.activationSets.get(workspace.indexes.get(indexIds[0]).activationSetId)
  const masks = await masksOf(workspace, workspace.indexes.get(indexIds[0]).activationSetId)
  return indexIds.map((indexId) => {
    const reader = openIndex(workspace, indexId)
    try {
      const { saeId, dSae, countedTokens } = reader.index
      const each = (feature: number): void => control.report('matching concepts', feature, dSae, 'features')
      const matches = bestFeatures(masks, (token) => token % contextSize !== 0, firings(reader, each))
      return { saeId, indexId, tokens: countedTokens, matches }
    } finally {
      reader.close()
    }
  })
}
