import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../../../src-main/store/safetensors.ts'
import { fixtures } from './model-of.ts'

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'suture-model-'))
  made.push(folder)
  return folder
}

/** A copy of a fixture model that a test may break. Removed after the test. */
export function copyOf(fixture: string): string {
  const folder = temporaryFolder()
  cpSync(join(fixtures, fixture), folder, { recursive: true })
  return folder
}

export type Tensors = Record<string, TensorToWrite>

/** Rewrites model.safetensors. */
export function editWeights(folder: string, edit: (tensors: Tensors) => void): void {
  const file = join(folder, 'model.safetensors')
  const stored = openSafetensors(file)
  const tensors: Tensors = {}
  for (const [name, { dtype, shape }] of stored.tensors)
    tensors[name] = { dtype, shape, pieces: [stored.readBytes(name)] }
  edit(tensors)
  writeSafetensors(file, tensors)
}

export function editConfig(folder: string, change: Record<string, unknown>): void {
  const file = join(folder, 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  writeFileSync(file, JSON.stringify({ ...config, ...change }))
}
