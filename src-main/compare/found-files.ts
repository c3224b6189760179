import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { decode, encode } from '#contract/ports.ts'
import { writeAtomically } from '../store/atomic.ts'

// What further work on a comparison found (a matching, a sparse map), each in a file of the comparison's folder.

const fileOf = (folder: string, name: string): string => join(folder, `${name}.found`)

export function writeFound(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true })
  writeAtomically(fileOf(folder, name), (put) => put(encode(value)))
}

/** null where it has not been worked out. */
export function readFound<T>(folder: string, name: string, schema: z.ZodType<T>): T | null {
  const file = fileOf(folder, name)
  return existsSync(file) ? schema.parse(decode(new Uint8Array(readFileSync(file)).buffer)) : null
}
