import { setImmediate as nextTurn } from 'node:timers/promises'
import type { features as contract } from '#contract/feature.ts'
import { problem } from '#contract/problem.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { featurePage } from '../features/feature-page.ts'
import { featureTable } from '../features/feature-table.ts'
import { longerIndex, newIndex } from '../features/start-index.ts'
import { tokenWindows } from '../features/windows.ts'
import type { EngineContext } from './context.ts'

export function featureHandlers(context: EngineContext): RoomHandlers<typeof contract> {
  const { workspace, jobs, featureSources: sources, featureWorker } = context

  return {
    indexes: ({ saeId }) =>
      workspace.indexes.list().filter((index) => saeId === undefined || index.saeId === saeId),
    index: (request) => {
      const { index, job } = newIndex(workspace, request)
      return { job: jobs.add(job).id, id: index.id }
    },
    extendIndex: (request) => {
      const { index, job } = longerIndex(workspace, request)
      return { job: jobs.add(job).id, id: index.id }
    },
    table: ({ indexId }) => featureTable(sources.index(indexId)),
    page: async (request, signal) => {
      // Calls that were given up while they lay in the queue are let go: with j held down, all but the last.
      await nextTurn()
      signal.throwIfAborted()
      return featurePage(sources, sources.index(request.indexId), request)
    },
    windows: ({ indexId, tokens, features, ...size }) => {
      const reader = sources.index(indexId)
      const shown = features.map((asked) => {
        const other = sources.index(asked.indexId)
        if (!sameTokens(other.index.parts, reader.index.parts))
          throw problem(
            'mismatch',
            other.index.name,
            `it is not over the same tokens as "${reader.index.name}"`,
            'Index both SAEs on the same activations.',
          )
        return { postings: other.postings(asked.feature), indexedTokens: other.index.tokens }
      })
      return tokenWindows(sources, reader, tokens, shown, size)
    },
    map: (input, signal) => featureWorker.follow((features) => features.map(input, { signal })),
    logitLens: (input, signal) => featureWorker.ask((features) => features.logitLens(input, { signal })),
    neighbours: (input, signal) => featureWorker.ask((features) => features.neighbours(input, { signal })),
    coFiring: (input, signal) => featureWorker.ask((features) => features.coFiring(input, { signal })),
    searchToken: (input, signal) => featureWorker.ask((features) => features.searchToken(input, { signal })),
    tryText: (input, signal) => featureWorker.ask((features) => features.tryText(input, { signal })),
  }
}

type Parts = readonly { activationSetId: string }[]
/** Tokens of two indexes have the same numbers when they come from the same sets in the same order. */
const sameTokens = (a: Parts, b: Parts): boolean =>
  a.every((part, i) => !b[i] || b[i].activationSetId === part.activationSetId)
