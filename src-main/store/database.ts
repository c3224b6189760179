import Database from 'better-sqlite3'
import { problem } from '#contract/problem.ts'

export type Sqlite = Database.Database

export interface OpenOptions {
  readonly?: boolean
  mustExist?: boolean
  /** Bytes of a page where the file is made now; files of large values are read faster in large pages. */
  pageSize?: number
}

/** Opens an SQLite file the way every file of a workspace is opened: WAL, waiting for other writers, keys checked. */
export function openDatabase(file: string, options: OpenOptions = {}): Sqlite {
  try {
    const db = new Database(file, {
      readonly: options.readonly ?? false,
      fileMustExist: options.mustExist ?? options.readonly ?? false,
    })
    db.pragma('busy_timeout = 10000')
    if (options.pageSize) db.pragma(`page_size = ${options.pageSize}`)
    if (!options.readonly) db.pragma('journal_mode = WAL')
    // NORMAL loses at most the last commits on a power cut, never on a killed process; labels ask for more (workspace.ts).
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    return db
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw problem(
      'bad-file',
      file,
      `this is not a readable SQLite file (${words})`,
      'Choose another folder, or remove the file.',
    )
  }
}

/** Brings a database forward to the newest schema, one transaction a step. Refuses one from a newer program. */
export function migrate(db: Sqlite, file: string, migrations: readonly { up: string }[]): void {
  const at = db.pragma('user_version', { simple: true }) as number
  if (at > migrations.length)
    throw problem(
      'unsupported',
      file,
      `it has schema ${at}, this program knows up to ${migrations.length}`,
      'Update Suture.',
    )
  for (let step = at; step < migrations.length; step++)
    db.transaction(() => {
      // Another process may have migrated while this one waited for the lock.
      if ((db.pragma('user_version', { simple: true }) as number) > step) return
      db.exec(migrations[step].up)
      db.pragma(`user_version = ${step + 1}`)
    }).immediate()
}
