// The feature worker's thread: answers what would hold the engine up, with its own connection and its own caches.
import { workerData, type MessagePort } from 'node:worker_threads'
import type { ComparisonMap } from '#contract/compare.ts'
import type { FeatureMap, LogitLens } from '#contract/feature.ts'
import type { ComparisonId, SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { portOf } from '#contract/ports.ts'
import { serve, type Handlers } from '#contract/rpc.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import { openWorkspace, type Workspace } from '../store/workspace.ts'
import { coFiring } from './co-firing.ts'
import { readMap, writeMap } from './codes-file.ts'
import { featureMap, FEATURES_ON_MAP, pairMap } from './feature-map.ts'
import { FeatureSources } from './feature-sources.ts'
import type { IndexReader } from './index-reader.ts'
import { LoadedSaes } from './loaded-saes.ts'
import { directLogits, logitLens, type Unembedding } from './logit-lens.ts'
import { directionOf, neighbours } from './neighbours.ts'
import { questions, type Questions } from './questions.ts'
import { TextReaders } from './text-readers.ts'
import { searchToken } from './token-search.ts'

export interface FeatureWorkerData {
  folder: string
  port: MessagePort
}

function answers(workspace: Workspace): Handlers<Questions> {
  const sources = new FeatureSources(workspace)
  const saes = new LoadedSaes(workspace)
  const readers = new TextReaders(workspace, saes)
  let latest: { modelId: string; unembedding: Promise<Unembedding> } | null = null

  async function lens(saeId: SaeId, feature: number, count: number): Promise<LogitLens> {
    const model = await readers.model(saeId)
    const { id, family, folder, hasTokenizer } = model.model
    if (latest?.modelId !== id) latest = { modelId: id, unembedding: model.unembedding() }
    const tokenizer = hasTokenizer ? await openTokenizer(folder) : undefined
    const logits = directLogits(directionOf(saes.get(saeId), feature), await latest.unembedding, family)
    return logitLens(logits, (token) => tokenizer?.token(token) ?? `⟨${token}⟩`, count, family)
  }

  return {
    features: {
      logitLens: ({ saeId, feature, count }) => lens(saeId, feature, count),
      neighbours: ({ saeId, feature, inSaeId, count }) =>
        neighbours(saes.get(saeId), feature, saes.get(inSaeId), count),
      map: ({ indexId }) => mapOf(workspace, saes, sources.index(indexId)),
      pairMap: ({ id }) => mapOfPair(workspace, saes, id),
      coFiring: ({ indexId, feature, count }) => coFiring(sources.index(indexId), feature, count),
      searchToken: ({ indexId, text, count }) => searchToken(sources, sources.index(indexId), text, count),
      tryText: ({ saeId, text, modelId }) => readers.try(text, saeId, modelId),
    },
  }
}

/** The map of an index's features; made once, and kept in its file. */
async function* mapOf(
  workspace: Workspace,
  saes: LoadedSaes,
  { index, statistics }: IndexReader,
): AsyncGenerator<{ share: number; map: FeatureMap | null }> {
  const path = workspace.codesFile(index.id)
  const known = readMap(path)
  if (known) return yield { share: 1, map: known }
  const firing = [...statistics.count.keys()].filter((feature) => statistics.count[feature] > 0)
  const densest = firing.sort((a, b) => statistics.count[b] - statistics.count[a] || a - b)
  const features = densest.slice(0, FEATURES_ON_MAP).sort((a, b) => a - b)
  const making = featureMap(saes.get(index.saeId), features)
  let step = await making.next()
  for (; !step.done; step = await making.next()) yield { share: step.value, map: null }
  if (index.complete) writeMap(path, step.value)
  yield { share: 1, map: step.value }
}

async function* mapOfPair(
  workspace: Workspace,
  saes: LoadedSaes,
  id: ComparisonId,
): AsyncGenerator<{ share: number; map: ComparisonMap | null }> {
  const { aId, bId, cosine, name } = workspace.comparisons.get(id)
  if (!cosine)
    throw problem('mismatch', name, 'its SAEs have directions of different lengths, so there is no map')
  const making = pairMap(saes.get(aId), saes.get(bId))
  let step = await making.next()
  for (; !step.done; step = await making.next()) yield { share: step.value, map: null }
  yield { share: 1, map: step.value }
}

const { folder, port } = workerData as FeatureWorkerData
serve(questions, answers(openWorkspace(folder)), portOf(port))
