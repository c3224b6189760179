// The feature screens in Chromium on a synthetic index: `node scripts/bench/feature-screen.ts [features]`, after a build.
// Prints one JSON document: what a person waits for, and the frames while scrolling, beside those of an almost empty page that
// is scrolled the same way in the same browser: what is left to win, and what a machine without a GPU can show at all.
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
const PAUSE_MS = 500

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
  pid: number
  tid: number
  args: { name?: string }
  /** Microseconds of the thread's own time. */
  tdur?: number
}
interface Scrolling {
  framesPerSecond: number
  intervalMedianMs: number
  interval99Ms: number
  /** The page's main thread: scripts, styles, layout, painting; its own time, whatever else the machine does. */
  mainThreadMsPerFrame: number
}
const LIST = '[role=grid][aria-label=Features] .scroller'
/** 15 rows a frame, as with a wheel turned fast. */
async function scrolling(page: Page, selector: string): Promise<Scrolling> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    categories: 'toplevel,blink.user_timing',
    transferMode: 'ReportEvents',
  })
  const intervals = await page.evaluate(
    ({ ms, selector }) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector(selector)!
        const times: number[] = []
        performance.mark('scrolling')
        const began = performance.now()
        const step = (now: number): void => {
          times.push(now)
          list.scrollTop += 420
          if (now - began < ms) requestAnimationFrame(step)
          else resolve(times.slice(1).map((t, i) => t - times[i]))
        }
        requestAnimationFrame(step)
      }),
    { ms: SCROLL_MS, selector },
  )
  const over = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await over
  const { pid, tid } = events.find(({ name }) => name === 'scrolling')!
  const main = events.filter(
    (event) => event.pid === pid && event.tid === tid && event.name.endsWith('::RunTask'),
  )
  const sorted = intervals.toSorted((a, b) => a - b)
  const rounded = (value: number): number => Number(value.toFixed(1))
  return {
    framesPerSecond: rounded((1000 * intervals.length) / SCROLL_MS),
    intervalMedianMs: rounded(sorted[sorted.length >> 1]),
    interval99Ms: rounded(sorted[Math.floor(0.99 * sorted.length)]),
    mainThreadMsPerFrame: rounded(
      main.reduce((sum, { tdur = 0 }) => sum + tdur / 1000, 0) / intervals.length,
    ),
  }
}

/** A page of nothing but stripes as high as the rows, in a list of the same size at the same place. */
async function stripes(page: Page, rows: number): Promise<Page> {
  const { x, y, width, height } = (await page.locator(LIST).boundingBox())!
  const empty = await page.context().newPage()
  await empty.setContent(`<div style="position: absolute; left: ${x}px; top: ${y}px; width: ${width}px; height: ${height}px;
    overflow: auto"><div style="height: ${28 * rows}px; background: repeating-linear-gradient(#fff 0 27px, #ddd 27px 28px)"></div>
    </div>`)
  return empty
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
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.goto(address)
    await page.getByText('engine ready').waitFor()
    const go = (path: string): string => `location.hash = '#/sae/${saeId}/${path}'`
    const listed = `document.querySelectorAll('[role=grid][aria-label=Features] [role=row]').length > 5`
    const list = await painted(page, go('features'), listed)
    const pages: number[] = []
    for (const feature of [17, 23_000, 5000, 4, 61_000, 90_001].filter((n) => n < features))
      pages.push(
        await painted(
          page,
          go(`feature/${feature}`),
          `document.querySelector('article[aria-label="Feature ${feature}"][aria-busy=false] li')`,
        ),
      )
    const named = `document.querySelector('article').getAttribute('aria-label')`
    const steps: number[] = []
    for (let i = 0; i < 10; i++) {
      await page.waitForTimeout(PAUSE_MS) // a person looks before going on; what is read ahead is read then
      await page.evaluate(`window.was = ${named}`)
      const press = `document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }))`
      const next = `${named} !== window.was && document.querySelector('article[aria-busy=false] li')`
      steps.push(await painted(page, press, next))
    }
    const drawn = `[...document.querySelectorAll('${LIST} [role=row]')].map((row) => row.textContent).join()`
    await page.evaluate(`window.was = ${drawn}`)
    const heading = `[...document.querySelectorAll('[role=columnheader] button')].find((b) => b.textContent.trim() === 'max').click()`
    const sort = await painted(page, heading, `${drawn} !== window.was`)
    const rows = await scrolling(page, LIST)
    const floor = await scrolling(await stripes(page, features), 'body > div')
    const report = {
      features,
      listPaintedMs: Math.round(list),
      pagePaintedMs: pages.map(Math.round),
      stepPaintedMs: steps.map(Math.round),
      sortPaintedMs: Math.round(sort),
      scrolling: rows,
      scrollingStripes: floor,
      framesOfStripes: Number((rows.framesPerSecond / floor.framesPerSecond).toFixed(2)),
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
