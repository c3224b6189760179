import {
  FeatureLabel,
  labelFields,
  type LabelChange,
  type LabelField,
  type LabelHistoryEntry,
} from '#contract/label.ts'
import type { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Sqlite } from './database.ts'

interface LabelRow {
  feature: number
  label: string
  notes: string
  tags: string
  starred: number
  uninterpretable: number
  confidence: number | null
  author: string
  updated_at: string
}
interface HistoryRow {
  edit: number
  undoes: number | null
  feature: number
  field: LabelField
  before: string
  after: string
  author: string
  at: string
}

type Said = Required<LabelChange>
const NOTHING: Said = {
  label: '',
  notes: '',
  tags: [],
  starred: false,
  uninterpretable: false,
  confidence: null,
}
const FIELDS = Object.keys(labelFields) as LabelField[]
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const saidBy = (label: Said): Said =>
  Object.fromEntries(FIELDS.map((field) => [field, label[field]])) as unknown as Said

function labelOf(row: LabelRow): FeatureLabel {
  return {
    feature: row.feature,
    label: row.label,
    notes: row.notes,
    tags: JSON.parse(row.tags) as string[],
    starred: row.starred === 1,
    uninterpretable: row.uninterpretable === 1,
    confidence: row.confidence,
    author: row.author,
    updatedAt: row.updated_at,
  }
}

export interface LabelEdit {
  feature: number
  change: LabelChange
  author: string
}

/** What people said of the features of each SAE, with everything it was before. */
export class LabelStore {
  readonly #db: Sqlite
  constructor(db: Sqlite) {
    this.#db = db
  }

  list(saeId: SaeId): FeatureLabel[] {
    const rows = this.#db.prepare('SELECT * FROM labels WHERE sae_id = ? ORDER BY feature').all(saeId)
    return (rows as LabelRow[]).map(labelOf)
  }

  /** The feature's label, empty where nobody said anything. */
  get(saeId: SaeId, feature: number): FeatureLabel {
    const row = this.#db.prepare('SELECT * FROM labels WHERE sae_id = ? AND feature = ?').get(saeId, feature)
    return row
      ? labelOf(row as LabelRow)
      : { feature, ...NOTHING, author: '', updatedAt: new Date(0).toISOString() }
  }

  /** Writes edits, all or none; together they are one step to undo. Returns those that changed something. */
  edit(saeId: SaeId, edits: readonly LabelEdit[]): FeatureLabel[] {
    return this.#asOneEdit((edit) =>
      edits.flatMap(({ feature, change, author }) => this.#write(saeId, feature, change, author, edit, null)),
    )
  }

  history(saeId: SaeId, feature: number): LabelHistoryEntry[] {
    const rows = this.#db
      .prepare('SELECT * FROM label_history WHERE sae_id = ? AND feature = ? ORDER BY id DESC')
      .all(saeId, feature) as HistoryRow[]
    return rows.map(({ edit, undoes, field, before, after, author, at }) => ({
      edit,
      undoes,
      feature,
      field,
      before: JSON.parse(before) as unknown,
      after: JSON.parse(after) as unknown,
      author,
      at,
    }))
  }

  undo(saeId: SaeId, author: string): FeatureLabel[] {
    const last = this.#edits(saeId).done.at(-1)
    if (last === undefined)
      throw problem('conflict', 'undo', 'there is no edit of this SAE’s labels to take back')
    return this.#takeBack(saeId, last, author)
  }

  redo(saeId: SaeId, author: string): FeatureLabel[] {
    const last = this.#edits(saeId).undone.at(-1)
    if (last === undefined) throw problem('conflict', 'redo', 'nothing was taken back since the last edit')
    return this.#takeBack(saeId, last, author)
  }

  /** Features whose label, notes or tags have, for every word of `text`, a word that begins with it. */
  search(saeId: SaeId, text: string, limit: number): FeatureLabel[] {
    const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
    if (words.length === 0) return []
    const rows = this.#db
      .prepare(
        `SELECT labels.* FROM label_words JOIN labels ON labels.id = label_words.rowid
         WHERE label_words MATCH ? AND labels.sae_id = ? ORDER BY label_words.rank, labels.feature LIMIT ?`,
      )
      .all(words.map((word) => `"${word}"*`).join(' '), saeId, limit)
    return (rows as LabelRow[]).map(labelOf)
  }

  /**
   * Which edits stand and which are taken back, each oldest first. An undo names the edit it took back; a redo names
   * the undo. A new edit ends what could be done again.
   */
  #edits(saeId: SaeId): { done: number[]; undone: number[] } {
    const rows = this.#db
      .prepare('SELECT DISTINCT edit, undoes FROM label_history WHERE sae_id = ? ORDER BY edit')
      .all(saeId) as { edit: number; undoes: number | null }[]
    const done: number[] = []
    let undone: number[] = []
    for (const { edit, undoes } of rows) {
      if (undoes === null) {
        done.push(edit)
        undone = []
      } else if (done.at(-1) === undoes) {
        done.pop()
        undone.push(edit)
      } else {
        undone.pop()
        done.push(edit)
      }
    }
    return { done, undone }
  }

  #takeBack(saeId: SaeId, taken: number, author: string): FeatureLabel[] {
    const rows = this.#db
      .prepare('SELECT * FROM label_history WHERE edit = ? AND sae_id = ? ORDER BY id DESC')
      .all(taken, saeId) as HistoryRow[]
    const changes = new Map<number, Record<string, unknown>>()
    for (const { feature, field, before } of rows)
      changes.set(feature, { ...changes.get(feature), [field]: JSON.parse(before) as unknown })
    return this.#asOneEdit((edit) =>
      [...changes].flatMap(([feature, change]) =>
        this.#write(saeId, feature, change as LabelChange, author, edit, taken),
      ),
    )
  }

  #asOneEdit(write: (edit: number) => FeatureLabel[]): FeatureLabel[] {
    const next = this.#db.prepare('SELECT COALESCE(MAX(edit), 0) + 1 FROM label_history').pluck()
    return this.#db.transaction(() => write(next.get() as number)).immediate()
  }

  #write(
    saeId: SaeId,
    feature: number,
    change: LabelChange,
    author: string,
    edit: number,
    undoes: number | null,
  ): FeatureLabel[] {
    const before = saidBy(this.get(saeId, feature))
    const after = { ...before, ...change }
    if (change.tags) after.tags = [...new Set(change.tags)]
    const changed = FIELDS.filter((field) => !same(before[field], after[field]))
    if (changed.length === 0) return []
    const at = new Date().toISOString()
    const remember = this.#db.prepare(
      `INSERT INTO label_history (edit, undoes, sae_id, feature, field, before, after, author, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    for (const field of changed)
      remember.run(
        edit,
        undoes,
        saeId,
        feature,
        field,
        JSON.stringify(before[field]),
        JSON.stringify(after[field]),
        author,
        at,
      )
    return [this.#put(saeId, { feature, ...after, author, updatedAt: at })]
  }

  #put(saeId: SaeId, label: FeatureLabel): FeatureLabel {
    if (same(saidBy(label), NOTHING))
      this.#db.prepare('DELETE FROM labels WHERE sae_id = ? AND feature = ?').run(saeId, label.feature)
    else
      this.#db
        .prepare(
          `INSERT INTO labels
             (sae_id, feature, label, notes, tags, starred, uninterpretable, confidence, author, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (sae_id, feature) DO UPDATE SET
             label = excluded.label, notes = excluded.notes, tags = excluded.tags, starred = excluded.starred,
             uninterpretable = excluded.uninterpretable, confidence = excluded.confidence,
             author = excluded.author, updated_at = excluded.updated_at`,
        )
        .run(
          saeId,
          label.feature,
          label.label,
          label.notes,
          JSON.stringify(label.tags),
          Number(label.starred),
          Number(label.uninterpretable),
          label.confidence,
          label.author,
          label.updatedAt,
        )
    return label
  }
}
