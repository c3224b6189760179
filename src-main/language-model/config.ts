import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'

export type Config = Readonly<Record<string, unknown>>

/** JSON that must be an object. @throws Problem naming the file it is from. */
export function parseJsonObject(text: string, file: string): Config {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw problem(
      'bad-file',
      file,
      `it is not JSON (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw problem('bad-file', file, 'it is not a JSON object')
  return parsed as Config
}

/** Reads a JSON file of a model folder that must be an object. @throws Problem naming the file. */
export const readJsonObject = (file: string): Config => parseJsonObject(readFileSync(file, 'utf8'), file)

/** config.json of a model folder. @throws Problem when the folder or the file is missing or broken. */
export function readConfig(folder: string): Config {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw problem('not-found', folder, 'there is no such folder', 'Choose a folder made by save_pretrained.')
  const file = join(folder, 'config.json')
  if (!existsSync(file))
    throw problem('not-found', folder, 'it has no config.json, so it is not a Hugging Face model folder')
  return readJsonObject(file)
}

/** The fields of config.json that a family needs. @throws Problem naming the field and what it holds. */
export function parseConfig<S extends z.ZodType>(schema: S, config: Config, folder: string): z.output<S> {
  if (config['quantization_config'])
    throw problem('unsupported', folder, 'its weights are quantised', 'Use the checkpoint in 16 or 32 bits.')
  const parsed = schema.safeParse(config)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    config,
  )
  const what = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}: ${message}`
  throw problem('bad-file', join(folder, 'config.json'), `"${path.join('.')}" ${what}`)
}

export const size = z.int().positive()
