import { mkdirSync, statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ActivationSet } from '#contract/activation-set.ts'
import { Comparison } from '#contract/compare.ts'
import { Corpus } from '#contract/corpus.ts'
import { FeatureIndex } from '#contract/feature-index.ts'
import { Model } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import { Report } from '#contract/report.ts'
import { Sae } from '#contract/sae.ts'
import { Stitch } from '#contract/stitch.ts'
import { Run } from '#contract/training.ts'
import { migrate, openDatabase, type Sqlite } from './database.ts'
import { migrations } from './migrations/index.ts'
import { Things } from './things.ts'

/** A workspace folder, open. One per thread: SQLite connections are not shared. */
export interface Workspace {
  readonly folder: string
  readonly db: Sqlite
  readonly models: Things<Model>
  readonly corpora: Things<Corpus>
  readonly activationSets: Things<ActivationSet>
  readonly saes: Things<Sae>
  readonly runs: Things<Run>
  readonly indexes: Things<FeatureIndex>
  readonly comparisons: Things<Comparison>
  readonly reports: Things<Report>
  readonly stitches: Things<Stitch>
  /** The file or folder that belongs to a thing. */
  readonly activationFile: (id: string) => string
  readonly codesFile: (id: string) => string
  readonly saeFolder: (id: string) => string
  /** Checkpoints of a run that has not finished. */
  readonly runFolder: (id: string) => string
  readonly comparisonFolder: (id: string) => string
  readonly reportFolder: (id: string) => string
  readonly stitchFolder: (id: string) => string
  close(): void
}

/** Opens a workspace, making the folder and bringing the schema forward where needed. */
export function openWorkspace(path: string): Workspace {
  const folder = resolve(path)
  try {
    for (const sub of ['activations', 'codes', 'saes']) mkdirSync(join(folder, sub), { recursive: true })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw problem(
      'bad-file',
      folder,
      `no workspace can be made here (${words})`,
      'Choose a folder you can write to.',
    )
  }
  const file = join(folder, 'workspace.db')
  const db = openDatabase(file)
  // Everything small and precious is here (labels among it): wait for the disk at every commit.
  db.pragma('synchronous = FULL')
  migrate(db, file, migrations)
  return {
    folder,
    db,
    models: new Things(db, 'model', 'm', Model),
    corpora: new Things(db, 'corpus', 'c', Corpus),
    activationSets: new Things(db, 'activations', 'a', ActivationSet),
    saes: new Things(db, 'sae', 's', Sae),
    runs: new Things(db, 'run', 'r', Run),
    indexes: new Things(db, 'index', 'i', FeatureIndex),
    comparisons: new Things(db, 'comparison', 'p', Comparison),
    reports: new Things(db, 'report', 'u', Report),
    stitches: new Things(db, 'stitch', 't', Stitch),
    activationFile: (id) => join(folder, 'activations', `${id}.db`),
    codesFile: (id) => join(folder, 'codes', `${id}.db`),
    saeFolder: (id) => join(folder, 'saes', id),
    runFolder: (id) => join(folder, 'runs', id),
    comparisonFolder: (id) => join(folder, 'comparisons', id),
    reportFolder: (id) => join(folder, 'reports', id),
    stitchFolder: (id) => join(folder, 'stitches', id),
    close: () => db.close(),
  }
}

/** Bytes free on the disk that holds a path. */
export function freeBytes(path: string): number {
  const fs = statfsSync(path)
  return Number(fs.bavail) * Number(fs.bsize)
}
