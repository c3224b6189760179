import type { ActivationSet } from '#contract/activation-set.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'
import { openToAppend } from '../../src-main/activations/cache.ts'
import { createCodesFile } from '../../src-main/features/codes-file.ts'
import { COUNTED, IndexWriter } from '../../src-main/features/index-writer.ts'
import { sketchRate } from '../../src-main/features/sketch.ts'
import { normal, seededRandom } from '../../src-main/math/random.ts'
import type { SparseCodes } from '../../src-main/sae/weights.ts'
import { bytesOf } from '../../src-main/store/removal.ts'
import type { Workspace } from '../../src-main/store/workspace.ts'

export interface SyntheticSize {
  features: number
  tokens: number
  /** Mean number of features on a token. */
  l0: number
}
const CONTEXT = 128
const BATCH = 4096
const made = {
  createdAt: new Date().toISOString(),
  provenance: { madeBy: 'bench', from: [], parameters: {}, version: '0' },
}

/** Token ids without activations to speak of: one half-precision number each. */
function tokensOnly(workspace: Workspace, tokens: number): ActivationSet {
  const set = workspace.activationSets.put({
    ...made,
    id: workspace.activationSets.newId(),
    name: 'synthetic tokens',
    modelId: null,
    corpusId: null,
    hookName: 'blocks.0.hook_resid_pre',
    dIn: 1,
    dtype: 'f16',
    contextSize: CONTEXT,
    rows: tokens / CONTEXT,
    tokens,
    prependBos: false,
    hasTokens: true,
    bytes: 0,
    complete: true,
  })
  const tokensPerChunk = 1024 * CONTEXT
  const cache = openToAppend(workspace.activationFile(set.id), {
    dIn: 1,
    dtype: 'f16',
    contextSize: CONTEXT,
    tokensPerChunk,
    hasTokens: true,
  })
  for (let from = 0; from < tokens; from += tokensPerChunk) {
    const n = Math.min(tokensPerChunk, tokens - from)
    const ids = Int32Array.from({ length: n }, (_, i) => (from + i) % 50_000)
    cache.append(
      from / tokensPerChunk,
      n,
      { activations: new Uint8Array(2 * n), ids: new Uint8Array(ids.buffer) },
      null,
    )
  }
  cache.close()
  return set
}

/**
 * Codes as an SAE's are spread: densities log-normal over about four decades, activations exponential. Features of a
 * token are drawn with their densities; one drawn twice counts once.
 */
export function syntheticCodes({ features, l0 }: SyntheticSize, seed: number): (rows: number) => SparseCodes {
  const random = seededRandom(seed)
  const cumulative = new Float64Array(features)
  let total = 0
  for (let j = 0; j < features; j++) cumulative[j] = total += 10 ** (0.7 * normal(random))
  const draw = (): number => {
    const wanted = random() * total
    let low = 0
    let high = features - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle] < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
  return (rows) => {
    const start = new Uint32Array(rows + 1)
    const feature: number[] = []
    for (let row = 0; row < rows; row++) {
      const on = [...new Set(Array.from({ length: l0 }, draw))].sort((a, b) => a - b)
      feature.push(...on)
      start[row + 1] = feature.length
    }
    const value = Float32Array.from(feature, () => -3 * Math.log(1 - random()) + 1e-3)
    return { rows, start, feature: Uint32Array.from(feature), value }
  }
}

export interface Built {
  index: FeatureIndex
  /** Seconds spent writing, without those that drawing the codes took. */
  writing: number
}

export function buildSyntheticIndex(workspace: Workspace, size: SyntheticSize): Built {
  const tokens = Math.floor(size.tokens / CONTEXT) * CONTEXT
  const set = tokensOnly(workspace, tokens)
  const index = workspace.indexes.put({
    ...made,
    id: workspace.indexes.newId(),
    name: 'synthetic',
    saeId: workspace.saes.newId(),
    activationSetId: set.id,
    parts: [{ activationSetId: set.id, tokens, normLimit: null }],
    settings: { skipPosition0: false, maxNormMultiple: null },
    dSae: size.features,
    tokens: 0,
    countedTokens: 0,
    nonZeros: 0,
    bytes: 0,
    complete: false,
  })
  const path = workspace.codesFile(index.id)
  const file = createCodesFile(path, size.features, sketchRate(tokens))
  const writer = new IndexWriter(file)
  const codes = syntheticCodes(size, 1)
  let writing = 0
  for (let from = 0; from < tokens; from += BATCH) {
    const rows = Math.min(BATCH, tokens - from)
    const batch = codes(rows)
    const began = performance.now()
    writer.add(batch, new Uint8Array(rows).fill(COUNTED))
    if (writer.full) writer.commit()
    writing += performance.now() - began
  }
  const began = performance.now()
  const totals = writer.commit()
  writing += performance.now() - began
  file.db.close()
  return {
    index: workspace.indexes.update(index.id, { ...totals, bytes: bytesOf(path), complete: true }),
    writing: writing / 1000,
  }
}
