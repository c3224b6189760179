import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'vitest'

/** Real models, text and exact reference numbers, used where they are present beside the project and never copied into it. */
export const shared = process.env['SUTURE_SHARED'] ?? resolve(import.meta.dirname, '../../shared')
export const hasShared = existsSync(shared)

/** A test that needs `../shared`; without it, it is reported as skipped by name. */
export const testWithShared = test.skipIf(!hasShared)
