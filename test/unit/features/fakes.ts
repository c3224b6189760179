import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCodesFile } from '../../../src-main/features/codes-file.ts'
import type { ActivationSet } from '#contract/activation-set.ts'
import type { Sae } from '#contract/sae.ts'
import { openToAppend } from '../../../src-main/activations/cache.ts'
import type { SaeWeights, SparseCodes } from '../../../src-main/sae/weights.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Dense codes, one list of activations a token, as an encoder would give them. */
export function codesOf(dense: number[][]): SparseCodes {
  const start = [0]
  const feature: number[] = []
  const value: number[] = []
  for (const row of dense) {
    row.forEach((a, j) => {
      if (a <= 0) return
      feature.push(j)
      value.push(a)
    })
    start.push(feature.length)
  }
  return {
    rows: dense.length,
    start: Uint32Array.from(start),
    feature: Uint32Array.from(feature),
    value: Float32Array.from(value),
  }
}

/** A folder that goes away with `remove`. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'suture-features-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const temporaryCodesFile = (
  folder: string,
  dSae: number,
  rate = 1,
): ReturnType<typeof createCodesFile> => createCodesFile(join(folder, 'codes.db'), dSae, rate)

/** A workspace with an index row for tokens of one activation set, rows of `contextSize`. */
export function workspaceWithIndex(
  tokens: number,
  dSae: number,
  parts = [tokens],
): { workspace: Workspace; index: FeatureIndex } {
  const { folder, remove } = temporaryFolder()
  const workspace = openWorkspace(folder)
  const index = workspace.indexes.put({
    id: workspace.indexes.newId(),
    name: 'an index',
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    saeId: workspace.saes.newId(),
    activationSetId: workspace.activationSets.newId(),
    parts: parts.map((n) => ({
      activationSetId: workspace.activationSets.newId(),
      tokens: n,
      normLimit: null,
    })),
    settings: { skipPosition0: true, maxNormMultiple: null },
    dSae,
    tokens: 0,
    countedTokens: 0,
    nonZeros: 0,
    bytes: 0,
    complete: false,
  })
  const close = workspace.close
  return { workspace: { ...workspace, close: () => (close(), remove()) }, index }
}

/** The row of an SAE with these weights; `saveSae` puts it. */
export const saeRow = (workspace: Workspace, weights: SaeWeights, some: Partial<Sae> = {}): Sae => ({
  id: workspace.saes.newId(),
  name: 'an SAE',
  createdAt: new Date().toISOString(),
  provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
  architecture: weights.architecture,
  dIn: weights.dIn,
  dSae: weights.dSae,
  k: null,
  hookName: 'blocks.2.hook_resid_pre',
  modelId: null,
  modelName: 'stories260K',
  activationSetId: null,
  runId: null,
  assumptions: [],
  metrics: null,
  complete: true,
  ...some,
})

export interface FakeActivations {
  /** Token ids, row after row. */
  ids: number[]
  contextSize: number
  /** [tokens, dIn]; zeros of width 1 unless given. */
  x?: Float32Array
  dIn?: number
  name?: string
  id?: string
  modelId?: ActivationSet['modelId']
}
/** A finished activation set with these token ids, in chunks of 7 rows. */
export function putActivations(workspace: Workspace, fake: FakeActivations): ActivationSet {
  const { ids, contextSize, dIn = 1, x = new Float32Array(ids.length * dIn) } = fake
  const set = workspace.activationSets.put({
    id: (fake.id ?? workspace.activationSets.newId()) as ActivationSet['id'],
    name: fake.name ?? 'some activations',
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    modelId: fake.modelId ?? null,
    corpusId: null,
    hookName: 'blocks.0.hook_resid_pre',
    dIn,
    dtype: 'f32',
    contextSize,
    rows: ids.length / contextSize,
    tokens: ids.length,
    prependBos: true,
    hasTokens: true,
    bytes: 0,
    complete: true,
  })
  const tokensPerChunk = 7 * contextSize
  const cache = openToAppend(workspace.activationFile(set.id), {
    dIn,
    dtype: 'f32',
    contextSize,
    tokensPerChunk,
    hasTokens: true,
  })
  for (let from = 0; from < ids.length; from += tokensPerChunk) {
    const to = Math.min(ids.length, from + tokensPerChunk)
    const bytes = new Uint8Array(x.slice(from * dIn, to * dIn).buffer)
    const idBytes = new Uint8Array(Int32Array.from(ids.slice(from, to)).buffer)
    cache.append(from / tokensPerChunk, to - from, { activations: bytes, ids: idBytes }, null)
  }
  cache.close()
  return set
}

/** Random dense codes [tokens][dSae]: feature j fires on about 1/(j+1) of the tokens, often with equal activations. */
export function randomCodes(tokens: number, dSae: number, seed = 1): number[][] {
  const random = randomNumbers(seed)
  return Array.from({ length: tokens }, () =>
    Array.from({ length: dSae }, (_, j) =>
      random() < 1 / (j + 1) ? Math.fround(Math.ceil(random() * 50) / 7) : 0,
    ),
  )
}
