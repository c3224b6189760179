import { join } from 'node:path'
import type { SplitGeometry } from '#contract/compare.ts'
import type { IndexId, SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { openIndex, type IndexReader } from '../features/index-reader.ts'
import { arrangement, lift } from '../math/split-geometry.ts'
import { WEIGHTS } from '../sae/formats/saelens.ts'
import { openSafetensors } from '../store/safetensors.ts'
import type { Workspace } from '../store/workspace.ts'
import { unitRows } from './decoder-cosine.ts'

/** Tokens on which both fire, of two ascending lists. */
function together(x: Uint32Array, y: Uint32Array): number {
  let count = 0
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    if (x[i] === y[j]) count++
    if (x[i] <= y[j]) i++
    else j++
  }
  return count
}

/** Unit directions of a few features, read from the SAE's file without the rest of it. */
export function directionsOf(workspace: Workspace, saeId: SaeId, features: readonly number[]): Float32Array {
  const { dIn, dSae, name } = workspace.saes.get(saeId)
  const file = openSafetensors(join(workspace.saeFolder(saeId), WEIGHTS))
  const decoder = new Float32Array(features.length * dIn)
  features.forEach((j, n) => {
    if (j >= dSae) throw problem('bad-input', `feature ${j}`, `"${name}" has features 0 to ${dSae - 1}`)
    decoder.set(file.readF32('W_dec', j, j + 1), n * dIn)
  })
  return unitRows({ decoder, dIn, dSae: features.length })
}

/** [features, features] lift of every pair, from where each fires. */
function lifts(reader: IndexReader, features: readonly number[]): Float64Array {
  const fires = features.map((j) => reader.postings(j).token)
  const n = features.length
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [x, y] = [fires[Math.floor(at / n)], fires[at % n]]
    return lift(reader.index.countedTokens, x.length, y.length, together(x, y))
  })
}

/**
 * Are the children of a split alternatives (they fire apart: an ontology) or a subspace (they fire together: corners of
 * a simplex)? Their co-firing against chance, and how their directions lie to each other.
 */
export function splitGeometry(
  workspace: Workspace,
  saeId: SaeId,
  features: readonly number[],
  indexId: IndexId | null,
): SplitGeometry {
  const { dIn } = workspace.saes.get(saeId)
  const directions = directionsOf(workspace, saeId, features)
  const { effectiveDimension, explained, plane } = arrangement({
    data: directions,
    rows: features.length,
    d: dIn,
  })
  const geometry = { effectiveDimension, explained, plane }
  if (indexId === null) return { ...geometry, lift: null, tokens: null }
  const reader = openIndex(workspace, indexId)
  try {
    if (reader.index.saeId !== saeId)
      throw problem('mismatch', reader.index.name, 'this is the index of another SAE')
    return { ...geometry, lift: lifts(reader, features), tokens: reader.index.countedTokens }
  } finally {
    reader.close()
  }
}
