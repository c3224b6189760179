// The bench of the Demo workspace in Chromium: `npm run bench stitch-screen FOLDER`, after a build. FOLDER is a workspace
// with two SAEs of one hook point and activations; a copy of it is measured. Prints one JSON document: milliseconds from
// a pointer event to the frame after the one in which the numbers it causes are painted, by the browser's own clock, and
// what the window's main thread was busy with around each drop, by its trace.
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type CDPSession, type Page } from '@playwright/test'
import { root } from '../../src-main/places.ts'

const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking']
const TIMES = 25

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

/** Lays out the two SAEs of the form's lists that lie furthest apart in width. */
async function openBench(page: Page): Promise<void> {
  await page.evaluate("location.hash = '#/stitch'")
  const [host, donor] = [
    page.getByRole('combobox', { name: 'A, the host' }),
    page.getByRole('combobox', { name: 'B, the donor' }),
  ]
  await host.selectOption({ index: 1 })
  await donor.selectOption({ index: (await donor.locator('option').count()) - 1 })
  await page.getByRole('button', { name: 'Lay them out' }).click()
  await page
    .getByRole('grid', { name: 'Features of B' })
    .locator('.body')
    .first()
    .waitFor({ timeout: 120_000 })
  // The loss is work of its own; what is measured here is the drop.
  await page.getByLabel('CE after each drop').uncheck()
}

/** Notes when a pointer event arrived and when, after it, the watched cells were painted with something else. */
const WATCH = `window.watched = { hover: [], drop: [] };
  window.watch = (kind, type, selector) => {
    const cell = document.querySelector(selector)
    const before = cell.textContent
    let began = 0
    window.addEventListener(type, (event) => { began ||= event.timeStamp }, { capture: true, once: type === 'pointerup' })
    const from = performance.now()
    const look = () => {
      if (began && document.querySelector(selector).textContent !== before)
        requestAnimationFrame((now) => window.watched[kind].push(performance.now() - began))
      else if (performance.now() - from < 5000) requestAnimationFrame(look)
    }
    look()
  }`

interface Spread {
  median: number
  ninetieth: number
  worst: number
  times: number
}
function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(1))
  return { median: at(0.5), ninetieth: at(0.9), worst: at(1), times: sorted.length }
}

/** One feature dragged from B onto the hybrid, watched where it comes over it and where it is let go. */
async function dragOnce(page: Page): Promise<void> {
  const row = page.getByRole('grid', { name: 'Features of B' }).locator('.body').first()
  const from = await row.boundingBox()
  const zone = await page.locator('[data-drop="hybrid"]').boundingBox()
  if (!from || !zone) throw new Error('the bench is not on screen')
  await page.mouse.move(from.x + 80, from.y + 14)
  await page.mouse.down()
  await page.mouse.move(zone.x + zone.width + 30, zone.y + 60, { steps: 3 })
  await page.evaluate("window.watch('hover', 'pointermove', 'tr.MSE .after')")
  await page.mouse.move(zone.x + 90, zone.y + 60)
  await page.waitForTimeout(350)
  await page.evaluate("window.watch('drop', 'pointerup', 'tr.MSE .now')")
  await page.mouse.up()
  await page.waitForTimeout(500)
}

interface TraceEvent {
  name: string
  ts: number
  tid: number
  dur?: number
  args?: { data?: { type?: string } }
}
/** A drop's work is over by then, and the next drag has not begun. */
const OF_A_DROP_MS = 300

/** Milliseconds of the main thread in the tasks that follow each drop: all of them, and the longest of each. */
function afterDrops(events: readonly TraceEvent[]): { busyMs: Spread; longestTaskMs: Spread } {
  const drops = events.filter(
    ({ name, args }) => name === 'EventDispatch' && args?.data?.type === 'pointerup',
  )
  const tasks = events.filter(({ name, tid }) => name === 'RunTask' && tid === drops[0]?.tid)
  const ofDrop = drops.map(({ ts }) =>
    tasks
      .filter((task) => task.ts + (task.dur ?? 0) >= ts && task.ts < ts + OF_A_DROP_MS * 1000)
      .map(({ dur = 0 }) => dur / 1000),
  )
  return {
    busyMs: spread(ofDrop.map((each) => each.reduce((sum, ms) => sum + ms, 0))),
    longestTaskMs: spread(ofDrop.map((each) => Math.max(0, ...each))),
  }
}

/** What the page did while `act` ran, by the browser's trace. */
async function traced(session: CDPSession, act: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    categories: 'toplevel,devtools.timeline,disabled-by-default-devtools.timeline',
    transferMode: 'ReportEvents',
  })
  await act()
  const over = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await over
  return events
}

async function main(workspace: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-stitch-screen-'))
  cpSync(workspace, folder, { recursive: true })
  const { address, server } = await serve(folder)
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGS,
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(address)
    await page.getByText('engine ready').waitFor()
    await openBench(page)
    await page.evaluate(WATCH)
    await dragOnce(page) // warms up
    await page.evaluate('window.watched = { hover: [], drop: [] }')
    const session = await page.context().newCDPSession(page)
    const events = await traced(session, async () => {
      for (let n = 0; n < TIMES; n++) await dragOnce(page)
    })
    const watched: { hover: number[]; drop: number[] } = await page.evaluate('window.watched')
    const report = {
      hoverMs: spread(watched.hover),
      dropMs: spread(watched.drop),
      afterDrop: afterDrops(events),
    }
    console.log(JSON.stringify(report, null, 2))
  } finally {
    await browser.close()
    server.removeAllListeners('exit')
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

const [workspace] = process.argv.slice(2)
if (!workspace) throw new Error('npm run bench stitch-screen FOLDER: the folder of a workspace with two SAEs')
await main(workspace)
