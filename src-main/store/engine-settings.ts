import { EngineSettings } from '#contract/settings.ts'
import type { Sqlite } from './database.ts'
import { Setting } from './settings.ts'

const kept = (db: Sqlite): Setting<EngineSettings> => new Setting(db, 'engine', EngineSettings)

/** What the engine goes by; whatever was never set is null. */
export const engineSettings = (db: Sqlite): EngineSettings => kept(db).get() ?? EngineSettings.parse({})

/** Changes some of it and returns the whole. */
export const changeEngineSettings = (db: Sqlite, change: Partial<EngineSettings>): EngineSettings =>
  db.transaction(() => kept(db).set({ ...engineSettings(db), ...change })).immediate()
