import type { SparseCodes } from '../sae/weights.ts'
import { BLOCK, firstKey, readStatistics, segmentsOf, writeStatistics, type CodesFile } from './codes-file.ts'
import type { GatheredRun, IndexJournal } from './index-journal.ts'
import { PostingsWriter } from './postings.ts'
import { Segment } from './segment.ts'
import { isSketched, writeFeatures } from './sketch.ts'
import { addToStatistics, type FeatureStatistics } from './statistics.ts'

/** Why a token does not count. */
export const COUNTED = 0
export const AT_POSITION_0 = 1
export const ABOVE_NORM = 2

/** What an index holds so far. */
export interface IndexTotals {
  tokens: number
  countedTokens: number
  nonZeros: number
}

/** Codes gathered before a segment is written, at 8 bytes each: 256 MB. Larger segments make smaller files. */
const SEGMENT_NON_ZEROS = 2 ** 25

/**
 * Appends codes to an index file, token by token; what `commit` has written stays, and so does what `save` has put into
 * the journal, for the next writer that is given it.
 */
export class IndexWriter {
  readonly #file: CodesFile
  readonly #segment: Segment
  readonly #postings = new PostingsWriter()
  readonly #sketch: { token: number; features: Uint8Array }[] = []
  readonly #aboveNorm: number[] = []
  readonly statistics: FeatureStatistics
  #segments: number
  /** What is durable. */
  totals: IndexTotals
  #nextToken: number
  #counted = 0
  readonly #journal: IndexJournal | undefined
  /** What of the segment is in the journal: tokens before this one, so many rows, so many left out for their norm. */
  #saved = { token: 0, rows: 0, aboveNorm: 0 }

  /** @param journal keeps what is gathered of a segment; without one a kill loses it */
  constructor(file: CodesFile, journal?: IndexJournal) {
    this.#file = file
    this.#journal = journal
    this.#segment = new Segment(file.dSae)
    this.statistics = readStatistics(file)
    const rows = segmentsOf(file.db)
    this.#segments = rows.length
    const sum = (of: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((n, row) => n + of(row), 0)
    this.totals = {
      tokens: rows.at(-1)?.endToken ?? 0,
      countedTokens: sum((row) => row.countedTokens),
      nonZeros: sum((row) => row.nonZeros),
    }
    this.#nextToken = this.totals.tokens
    for (const run of journal?.open(this.totals.tokens) ?? []) this.#addAgain(run)
    this.#markSaved()
  }

  /** The next token that `add` expects. */
  get nextToken(): number {
    return this.#nextToken
  }

  /** True when so much is gathered that it should be committed. */
  get full(): boolean {
    return this.#segment.size >= SEGMENT_NON_ZEROS
  }

  /** Adds the codes of the next tokens. `why[row]` says whether a token counts. */
  add(codes: SparseCodes, why: Uint8Array): void {
    const { sketchRate } = this.#file
    for (let row = 0; row < codes.rows; row++) {
      const token = this.#nextToken++
      if (why[row] === ABOVE_NORM) this.#aboveNorm.push(token)
      if (why[row] !== COUNTED) continue
      this.#counted++
      this.#segment.add(codes, row, token)
      addToStatistics(this.statistics, codes, row, token)
      if (isSketched(token, sketchRate))
        this.#sketch.push({
          token,
          features: writeFeatures(codes.feature, codes.start[row], codes.start[row + 1]),
        })
    }
  }

  /** Makes what was added since the last time durable in the journal: cheap, and no segment of its own. */
  save(): void {
    const { token, rows, aboveNorm } = this.#saved
    if (!this.#journal || this.#nextToken === token) return
    this.#journal.append(this.totals.tokens, {
      from: token,
      to: this.#nextToken,
      aboveNorm: Uint32Array.from(this.#aboveNorm.slice(aboveNorm)),
      ...this.#segment.since(rows),
    })
    this.#markSaved()
  }

  #markSaved(): void {
    this.#saved = {
      token: this.#nextToken,
      rows: this.#segment.rows,
      aboveNorm: this.#aboveNorm.length,
    }
  }

  /** The codes of a run, one row a token, added as they were the first time. */
  #addAgain({ from, to, rowToken, rowEnd, aboveNorm, feature, value }: GatheredRun): void {
    const rows = to - from
    const why = new Uint8Array(rows).fill(AT_POSITION_0)
    for (const token of aboveNorm) why[token - from] = ABOVE_NORM
    const start = new Uint32Array(rows + 1)
    for (let row = 0, counted = 0; row < rows; row++) {
      if (rowToken[counted] === from + row) {
        why[row] = COUNTED
        start[row + 1] = rowEnd[counted++]
      } else start[row + 1] = start[row]
    }
    this.add({ rows, start, feature, value }, why)
  }

  /** Makes everything added so far durable as a segment, in one transaction. */
  commit(): IndexTotals {
    if (this.#nextToken === this.totals.tokens) return this.totals
    const totals = {
      tokens: this.#nextToken,
      countedTokens: this.totals.countedTokens + this.#counted,
      nonZeros: this.totals.nonZeros + this.#segment.size,
    }
    this.#file.db.transaction(() => this.#write()).immediate()
    this.#segments++
    this.#segment.clear()
    this.#sketch.length = 0
    this.#aboveNorm.length = 0
    this.#counted = 0
    this.totals = totals
    this.#journal?.clear()
    this.#markSaved()
    return totals
  }

  #write(): void {
    const { db } = this.#file
    const segment = this.#segments
    const base = this.totals.tokens
    db.prepare('INSERT INTO segments VALUES (?, ?, ?, ?, ?)').run(
      segment,
      base,
      this.#nextToken,
      this.#counted,
      this.#segment.size,
    )
    const insert = db.prepare('INSERT INTO postings (key, block) VALUES (?, ?)')
    this.#segment.forEachFeature((feature, postings, from, to) => {
      let key = firstKey(segment, feature)
      for (let at = from; at < to; at += BLOCK)
        insert.run(key++, this.#postings.write(postings, at, Math.min(to, at + BLOCK), base))
    })
    const sketch = db.prepare('INSERT INTO sketch (token, features) VALUES (?, ?)')
    for (const { token, features } of this.#sketch) sketch.run(token, features)
    const leftOut = db.prepare('INSERT INTO left_out (token) VALUES (?)')
    for (const token of this.#aboveNorm) leftOut.run(token)
    writeStatistics(db, this.statistics)
  }
}
