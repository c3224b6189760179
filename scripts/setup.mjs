// What both commands need before anything else. Runs on any Node from 20 on, with nothing installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
export const at = (...parts) => join(root, ...parts)
/** Node 24, installed as a package: the Node the program is made for. */
export const node = at('node_modules/node/bin/node')

const say = (text) => process.stdout.write(`${text}\n`)

/** Runs a command to its end; returns its exit code. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) say(`${command}: ${error.message}`)
  return status ?? 1
}

const digest = (...files) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex')
}

/** Installs exactly what the lock file says, once. */
export function install() {
  const stamp = at('node_modules/.suture-installed')
  const wanted = digest(at('package-lock.json'), at('package.json'))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('Installing…')
  const env = {
    ...process.env,
    // No install step fetches a binary: CUDA libraries are not used, Electron is fetched at the first start.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    ELECTRON_SKIP_BINARY_DOWNLOAD: '1',
    NODE_ENV: 'development',
  }
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const code = run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env })
  if (code !== 0 || !existsSync(node)) {
    say('The packages could not be installed: see the lines above, then run the same command again.')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** Builds when a source is newer than what was built. */
export function build() {
  const stamp = at('out/.built')
  const sources = [
    'src-main',
    'src-preload',
    'src-renderer',
    'resources',
    'scripts/kernels.mjs',
    'package.json',
    'electron.vite.config.ts',
  ]
  const latest = Math.max(...sources.filter((s) => existsSync(at(s))).map((s) => newest(at(s))))
  if (existsSync(stamp) && statSync(stamp).mtimeMs > latest) return 0
  say('Building…')
  const code = run(node, [at('scripts/build.mjs')])
  if (code === 0) {
    mkdirSync(at('out'), { recursive: true })
    writeFileSync(stamp, new Date().toISOString())
  }
  return code
}
