// The feature screens in Chromium on a synthetic index: `node scripts/bench/feature-screen.ts [features]`, after a build.
// Prints one JSON document: what a person waits for, and the frames that the browser itself traced while scrolling.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { openWorkspace } from '../../src-main/store/workspace.ts'
import { root } from '../../src-main/places.ts'
import { buildSyntheticIndex } from './synthetic-index.ts'

const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
]
const SCROLL_MS = 4000

/** A workspace whose only SAE has a synthetic index; the SAE's own weights are never asked for. */
function prepare(folder: string, features: number): string {
  const workspace = openWorkspace(folder)
  const { index } = buildSyntheticIndex(workspace, { features, tokens: 200_000, l0: 43 })
  const { createdAt, provenance, saeId } = index
  const hook = { hookName: 'blocks.0.hook_resid_pre', modelId: null, modelName: null }
  const rest = { k: null, activationSetId: null, runId: null, assumptions: [], metrics: null, complete: true }
  const shape = { architecture: 'standard' as const, dIn: 1, dSae: features }
  workspace.saes.put({ id: saeId, name: 'synthetic', createdAt, provenance, ...shape, ...hook, ...rest })
  workspace.close()
  return saeId
}

/** The app as `serve` gives it to a browser; resolves with its address. */
function serve(folder: string): Promise<{ address: string; server: ChildProcess }> {
  const server = spawn(process.execPath, [join(root, 'out/main/serve.js'), '--workspace', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    server.stdout.on('data', (said: Buffer) => {
      const address = /http\S+/.exec(String(said))?.[0]
      if (address) resolve({ address, server })
    })
    server.on('exit', (code) => reject(new Error(`serve ended with ${code}: build the app first`)))
  })
}

/** Milliseconds from an act in the page until `until` holds and the next frame is painted; both are JavaScript. */
const painted = (page: Page, act: string, until: string): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const began = performance.now();
    ${act};
    const look = () => {
      if (${until}) requestAnimationFrame(() => resolve(performance.now() - began))
      else requestAnimationFrame(look)
    }
    look()
  })`)

interface TraceEvent {
  name: string
  ts: number
}
/** Frames drawn and dropped while the list scrolls, from the browser's trace. */
async function scrolling(page: Page): Promise<Record<string, number>> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    categories: 'devtools.timeline.frame,disabled-by-default-devtools.timeline.frame',
    transferMode: 'ReportEvents',
  })
  const intervals = await page.evaluate(
    (ms) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector('[role=grid][aria-label=Features] .scroller')!
        const times: number[] = []
        const began = performance.now()
        const step = (now: number): void => {
          times.push(now)
          list.scrollTop += 420
          if (now - began < ms) requestAnimationFrame(step)
          else resolve(times.slice(1).map((t, i) => t - times[i]))
        }
        requestAnimationFrame(step)
      }),
    SCROLL_MS,
  )
  const over = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await over
  const named = (name: string): number => events.filter((event) => event.name === name).length
  const sorted = intervals.toSorted((a, b) => a - b)
  return {
    drawnPerSecond: Math.round((1000 * named('DrawFrame')) / SCROLL_MS),
    dropped: named('DroppedFrame'),
    intervalMedianMs: Number(sorted[sorted.length >> 1].toFixed(1)),
    interval99Ms: Number(sorted[Math.floor(0.99 * sorted.length)].toFixed(1)),
  }
}

async function main(features: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-screen-'))
  const saeId = prepare(folder, features)
  const { address, server } = await serve(folder)
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGS,
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(address)
    await page.getByText('engine ready').waitFor()
    const go = (path: string): string => `location.hash = '#/sae/${saeId}/${path}'`
    const rows = `document.querySelectorAll('[role=grid][aria-label=Features] [role=row]').length > 5`
    const list = await painted(page, go('features'), rows)
    const pages: number[] = []
    for (const feature of [17, 23_000, 5000, 4, 61_000, 90_001].filter((n) => n < features))
      pages.push(
        await painted(
          page,
          go(`feature/${feature}`),
          `document.querySelector('article[aria-label="Feature ${feature}"][aria-busy=false] li')`,
        ),
      )
    const first = `document.querySelector('[role=grid][aria-label=Features] .body [role=gridcell]').textContent`
    await page.evaluate(`window.firstBefore = ${first}`)
    const heading = `[...document.querySelectorAll('[role=columnheader] button')].find((b) => b.textContent.trim() === 'max').click()`
    const sort = await painted(page, heading, `${first} !== window.firstBefore`)
    const report = {
      features,
      listPaintedMs: Math.round(list),
      pagePaintedMs: pages.map(Math.round),
      sortPaintedMs: Math.round(sort),
      scrolling: await scrolling(page),
    }
    console.log(JSON.stringify(report, null, 2))
  } finally {
    await browser.close()
    server.removeAllListeners('exit')
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(Number(process.argv[2] ?? 98_304))
