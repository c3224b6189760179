import { ComparisonMap, Matching, SparseMap, type compare as contract } from '#contract/compare.ts'
import type { ComparisonId, JobId } from '#contract/ids.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { openActivations } from '../activations/reader.ts'
import type { CompareJobParams } from '../compare/compare-job.ts'
import { requestComparison } from '../compare/compare-request.ts'
import { readComparison } from '../compare/comparison-files.ts'
import { readFound, writeFound } from '../compare/found-files.ts'
import { whyOtherTokens } from '../compare/same-tokens.ts'
import { splitGeometry } from '../compare/split-geometry.ts'
import type { EngineContext } from './context.ts'

export function compareHandlers({
  workspace,
  jobs,
  featureWorker,
}: EngineContext): RoomHandlers<typeof contract> {
  const folderOf = (id: ComparisonId): string => workspace.comparisonFolder(workspace.comparisons.get(id).id)
  const started = (title: string, makes: string | null, params: CompareJobParams): { job: JobId } => ({
    job: jobs.add({ kind: 'compare', title, makes, params }).id,
  })
  return {
    list: () => workspace.comparisons.list(),
    get: ({ id }) => workspace.comparisons.get(id),
    create(request) {
      const { comparison, exists } = requestComparison(workspace, request)
      const { id, name } = comparison
      if (exists) return { id, job: null }
      return { id, ...started(`Compare ${name}`, id, { task: 'compare', comparisonId: id }) }
    },
    arrays: ({ id }) => readComparison(folderOf(id)),
    otherTokens({ activationSetId, bActivationSetId }) {
      const readers = [activationSetId, bActivationSetId].map((id) => openActivations(workspace, id))
      try {
        return whyOtherTokens(readers[0], readers[1])
      } finally {
        readers.forEach((reader) => reader.close())
      }
    },
    async *map({ id }, signal) {
      const folder = folderOf(id)
      const known = readFound(folder, 'plane', ComparisonMap)
      if (known) return yield { share: 1, map: known }
      for await (const step of featureWorker.follow((features) => features.pairMap({ id }, { signal }))) {
        if (step.map) writeFound(folder, 'plane', step.map)
        yield step
      }
    },
    splitGeometry: ({ saeId, features, indexId }) => splitGeometry(workspace, saeId, features, indexId),
    findMatching({ id, by }) {
      const { name } = workspace.comparisons.get(id)
      return started(`Match ${name} one-to-one`, null, { task: 'match', comparisonId: id, by })
    },
    matching: ({ id, by }) => readFound(folderOf(id), `matching-${by}`, Matching),
    findSparseMap({ id, ...settings }) {
      const { name } = workspace.comparisons.get(id)
      return started(`Sparse map of ${name}`, null, { task: 'map', comparisonId: id, ...settings })
    },
    sparseMap: ({ id, kind }) => readFound(folderOf(id), `map-${kind}`, SparseMap),
  }
}
