import { existsSync } from 'node:fs'
import type { FeatureIndex, IndexPart } from '#contract/feature-index.ts'
import type { IndexId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Workspace } from '../store/workspace.ts'
import { firstKey, lastKey, openCodesFile, readStatistics, segmentsOf } from './codes-file.ts'
import { readDirections, type Directions } from './directions.ts'
import { countPostings, readPostings, type Postings } from './postings.ts'
import { readFeatures } from './sketch.ts'
import type { FeatureStatistics } from './statistics.ts'

/** Where a token of an index lies. */
export interface Place {
  part: IndexPart
  /** Its number in the part's activation set. */
  tokenInSet: number
}

/** An index, open to read: what is durable of it, also while it is still being made. */
export interface IndexReader {
  readonly index: FeatureIndex
  readonly statistics: FeatureStatistics
  /** Undefined for a moment at the very beginning of an index job. */
  readonly directions: Directions | undefined
  /** The share of tokens in the sketch; 0 for a small index, which has none. */
  readonly sketchRate: number
  /** All firings of a feature in token order. Do not change them: they are kept for the next to ask. */
  postings(feature: number): Postings
  /** Features that fire on a token of the sketch, ascending; undefined for tokens it has not. */
  sketched(token: number): Uint32Array | undefined
  /** Tokens left out for their norm, among [from, to). */
  leftOut(from: number, to: number): number[]
  place(token: number): Place
  close(): void
}

/** Postings kept in memory, in entries of 8 bytes. */
const KEPT_ENTRIES = 2 ** 22

/** Opens the index of an SAE. @throws Problem not-found, or that nothing of it is there yet. */
export function openIndex(workspace: Workspace, id: IndexId): IndexReader {
  const index = workspace.indexes.get(id)
  const path = workspace.codesFile(id)
  if (!existsSync(path))
    throw problem(
      'not-found',
      index.name,
      'nothing of this index is there yet',
      'Wait for its job, or resume it.',
    )
  const file = openCodesFile(path)
  const { db, dSae } = file
  const segments = segmentsOf(db)
  const blocksOf = db.prepare('SELECT block FROM postings WHERE key BETWEEN ? AND ? ORDER BY key').pluck()
  const sketch = db.prepare('SELECT features FROM sketch WHERE token = ?').pluck()
  const leftOut = db
    .prepare('SELECT token FROM left_out WHERE token >= ? AND token < ? ORDER BY token')
    .pluck()

  function readAll(feature: number): Postings {
    const blocks = segments.flatMap(({ segment, firstToken }) =>
      blocksOf
        .all(firstKey(segment, feature), lastKey(segment, feature))
        .map((bytes) => ({ firstToken, bytes: bytes as Uint8Array })),
    )
    const count = blocks.reduce((sum, { bytes }) => sum + countPostings(bytes), 0)
    const postings = { token: new Uint32Array(count), value: new Float32Array(count) }
    let at = 0
    for (const { firstToken, bytes } of blocks) at += readPostings(bytes, firstToken, postings, at)
    return postings
  }

  const kept = new Map<number, Postings>()
  let keptEntries = 0
  function postings(feature: number): Postings {
    if (!(feature < dSae))
      throw problem('bad-input', `feature ${feature}`, `this SAE has features 0 to ${dSae - 1}`)
    const known = kept.get(feature)
    if (known) kept.delete(feature) // put back below, as the latest used
    const found = known ?? readAll(feature)
    kept.set(feature, found)
    if (!known) keptEntries += found.token.length
    for (const [oldest, { token }] of kept) {
      if (keptEntries <= KEPT_ENTRIES || oldest === feature) break
      kept.delete(oldest)
      keptEntries -= token.length
    }
    return found
  }

  return {
    index,
    statistics: readStatistics(file),
    directions: readDirections(db),
    sketchRate: file.sketchRate,
    postings,
    sketched: (token) => {
      const bytes = sketch.get(token) as Uint8Array | undefined
      return bytes && readFeatures(bytes)
    },
    leftOut: (from, to) => leftOut.all(from, to) as number[],
    place: (token) => placeOf(index, token),
    close: () => db.close(),
  }
}

function placeOf(index: FeatureIndex, token: number): Place {
  let tokenInSet = token
  for (const part of index.parts) {
    if (tokenInSet < part.tokens) return { part, tokenInSet }
    tokenInSet -= part.tokens
  }
  throw problem('bad-input', `token ${token}`, `the index "${index.name}" has ${index.tokens} tokens`)
}
