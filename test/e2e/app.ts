import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import {
  _electron as electron,
  chromium,
  type Browser,
  type ElectronApplication,
  type Page,
} from '@playwright/test'

export const root = resolve(import.meta.dirname, '../..')
/** Real models and text beside the project; tests that need them are skipped by name without. */
export const shared = process.env['SUTURE_SHARED'] ?? resolve(root, '../shared')
export const hasShared = existsSync(shared)
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'suture-e2e-'))
export const removeFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })

/** Any process with a display of its own, no network, no profile. */
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: CHROMIUM_FLAGS })

const STANDIN = join(root, 'test/standin/electron.mjs')
/** The real binary when it has been fetched, else the stand-in (its limits: test/standin/README.md). */
function electronBinary(): string | undefined {
  const electronFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const real = existsSync(join(electronFolder, 'path.txt')) && process.env['ELECTRON_STANDIN'] !== '1'
  return real ? undefined : STANDIN
}

export interface Launch {
  /** What stands on the command line after the app; without it `--workspace`. */
  args?: string[]
  /** The app's folder, to be run on the stand-in even where there is a real binary. */
  packed?: string
  env?: Record<string, string>
}

async function launchElectron(
  workspace: string,
  userData: string,
  { args, packed, env }: Launch,
): Promise<ElectronApplication> {
  const executablePath = packed ? STANDIN : electronBinary()
  return electron.launch({
    ...(executablePath ? { executablePath } : {}),
    cwd: root,
    args: [packed ?? '.', `--user-data-dir=${userData}`, ...(args ?? [`--workspace=${workspace}`])],
    ...(env ? { env: { ...(process.env as Record<string, string>), ...env } } : {}),
  })
}

/** A window is first seen as about:blank; wait until the app has loaded its page into it. */
async function firstPage(app: ElectronApplication): Promise<Page> {
  const page = await app.firstWindow({ timeout: 15_000 })
  await page.waitForURL((url) => url.protocol !== 'about:')
  return page
}

const LAUNCHES = 3
/** The app and its window. Playwright now and then misses a window that opens while it attaches: then launched again. */
export async function openWindow(
  workspace: string,
  userData: string,
  launch: Launch = {},
): Promise<{ app: ElectronApplication; page: Page }> {
  for (let left = LAUNCHES - 1; ; left--) {
    const app = await launchElectron(workspace, userData, launch)
    try {
      return { app, page: await firstPage(app) }
    } catch (error) {
      await app.close().catch(() => {})
      if (left === 0) throw error
    }
  }
}

export interface ServedApp {
  address: string
  process: ChildProcess
  /** Kills the engine child without a word; `serve` starts it again. */
  engineKill(): void
  close(): Promise<void>
}

/** Processes of a workspace's engine, by what they were started with. */
export const enginePids = (workspace: string): number[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('engine.js') && line.includes(workspace))
    .map((line) => Number.parseInt(line, 10))

/** Starts the built `serve` on a workspace and waits for its address. */
export async function serveApp(
  workspace: string,
  environment: Record<string, string> = {},
): Promise<ServedApp> {
  const child = spawn(process.execPath, [join(root, 'out/main/serve.js'), '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
  const address = await new Promise<string>((found, lost) => {
    let text = ''
    child.stdout.on('data', (data) => {
      const match = /http:\/\/\S+/.exec((text += String(data)))
      if (match) found(match[0])
    })
    child.once('exit', (code) => lost(new Error(`serve ended with ${code}: ${text}`)))
  })
  return {
    address,
    process: child,
    engineKill: () => enginePids(workspace).forEach((pid) => process.kill(pid, 'SIGKILL')),
    close: () =>
      new Promise((gone) => {
        child.once('exit', () => gone())
        child.kill('SIGTERM')
      }),
  }
}
