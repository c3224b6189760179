import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Where our own files lie. The same code runs from source (tests, scripts: Node strips the types) and from
 * out/main (built, flat); this is the one place that knows the difference.
 */
const here = import.meta.dirname
const built = !import.meta.filename.endsWith('.ts')

/** The folder with package.json, resources/ and out/. */
export const root = resolve(here, built ? '../..' : '..')

export type Entry =
  | 'engine'
  | 'job-worker'
  | 'row-worker'
  | 'step-worker'
  | 'trainee-worker'
  | 'feature-worker'
  | 'stitch-worker'
const SOURCES: Record<Entry, string> = {
  engine: 'engine.ts',
  'job-worker': 'jobs/worker.ts',
  'row-worker': 'language-model/row-worker.ts',
  'step-worker': 'backends/cpu/step-worker.ts',
  'trainee-worker': 'backends/trainee-worker.ts',
  'stitch-worker': 'stitch/stitch-worker.ts',
  'feature-worker': 'features/worker.ts',
}
/** The file to start as a process or a worker thread. */
export const entry = (name: Entry): string => join(here, built ? `${name}.js` : SOURCES[name])

/** A WebAssembly kernel, compiled by scripts/kernels.mjs. Its bytes. */
export function kernel(name: string): Uint8Array<ArrayBuffer> {
  const file = join(root, 'out/kernels', `${name}.wasm`)
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run kernels"`)
  return new Uint8Array(readFileSync(file))
}

export const rendererFolder = join(root, 'out/renderer')
/** Unpacked beside the archive in the packaged app: native code maps these files. */
export const resourcesFolder = join(root.replace(/app\.asar$/, 'app.asar.unpacked'), 'resources')

export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
  .version
