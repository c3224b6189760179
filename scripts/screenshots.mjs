// npm run screenshots: a picture of every screen in both themes, of the built app on a Demo workspace.
//   --to FOLDER         where the pictures go (docs/screenshots)
//   --size 1024x700     of the window (1440x900)
//   --only NAME,…       these screens and no others
//   --workspace FOLDER  a Demo workspace that is prepared already; else one is prepared in a temporary folder
/* global document, location, MutationObserver -- of the page, in what is evaluated there */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { at, node } from './setup.mjs'

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: at('docs/screenshots') },
    size: { type: 'string', default: '1440x900' },
    workspace: { type: 'string' },
    only: { type: 'string' },
  },
})
const QUIET_MS = 2500
const SENTENCE = 'Then Alice and Bob went to the store. Alice gave a snack to Bob.'
const [width, height] = values.size.split('x').map(Number)
const temporary = mkdtempSync(join(tmpdir(), 'suture-'))
const workspace = values.workspace ? resolve(values.workspace) : join(temporary, 'demo')
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const suture = (...args) =>
  execFileSync(node, [at('out/main/cli.js'), ...args, '--workspace', workspace], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** A feature is given a concept's name where it fires on little else and finds a good part of it. */
const NAMED = { f1: 0.4, precision: 0.75 }

/** Labels the features that find a concept well, so that the lists look as they do after an afternoon's work. */
function labelConcepts(demo) {
  for (const { saeId, matches } of demo.concepts) {
    const clear = matches.filter(({ f1, precision }) => f1 >= NAMED.f1 && precision >= NAMED.precision)
    // The best concept last, so that it is the one that stays.
    const found = new Map(clear.sort((x, y) => x.f1 - y.f1).map((m) => [m.feature, m.concept]))
    const lines = [...found].map(([feature, concept]) => `${feature},${concept}`)
    const file = join(temporary, `${saeId}.csv`)
    writeFileSync(file, ['feature,label', ...lines, ''].join('\r\n'))
    suture('features', 'labels', 'import', file, '--sae', saeId, '--author', 'Ada')
  }
}

async function serve() {
  const child = spawn(node, [at('out/main/serve.js'), '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const data of child.stdout) {
    const address = /http:\/\/\S+/.exec((text += data))?.[0]
    if (address) return { child, address }
  }
  throw new Error(`serve said no address: ${text}`)
}

/** Lays two SAEs out and adds the four features that lower the error most, one after the other. */
async function stitchFour(page, { saeIds: [base, donor] }) {
  const existing = JSON.parse(suture('list', '--json')).things.some(({ kind }) => kind === 'stitch')
  await visit(page, existing ? '/stitch' : `/stitch?base=${base}&donor=${donor}`)
  if (existing) await page.getByRole('grid', { name: 'Benches' }).getByRole('row').nth(1).click()
  else await page.getByRole('button', { name: 'Lay them out' }).click()
  const donors = page.getByRole('grid', { name: 'Features of B' })
  await donors.waitFor({ timeout: 120_000 })
  const edits = page.getByText(/\d+ edits?/)
  for (let i = 1; i <= 4 && !(await page.getByText('4 edits').isVisible()); i++) {
    await donors.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('a')
    await edits.filter({ hasText: `${i} edit` }).waitFor()
  }
  return page.evaluate(() => location.hash.slice(1).split('?')[0])
}

async function visit(page, path) {
  await page.evaluate((hash) => (location.hash = hash), path)
  await settled(page)
}

/** Waits until nothing on the page has changed for a while. */
async function settled(page) {
  await page.mouse.move(width / 2, 20) // where nothing is pointed at
  await page.evaluate(
    (quiet) =>
      new Promise((resolve) => {
        let timer = setTimeout(resolve, quiet)
        new MutationObserver(() => {
          clearTimeout(timer)
          timer = setTimeout(resolve, quiet)
        }).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true })
      }),
    QUIET_MS,
  )
}

/** The demo's SAEs as a universality report: its id. */
function reportOf({ saeIds, activationSetId }) {
  const known = JSON.parse(suture('list', '--json')).things.find(({ kind }) => kind === 'report')
  if (known) return known.id
  const saes = ['--saes', saeIds.join(','), '--activations', activationSetId, '--tokens', '10000']
  return JSON.parse(suture('compare-many', ...saes, '--name', 'Three widths of the demo', '--json')).id
}

/** The features of the first two SAEs that find the same concept best of all. */
function sharedConcept({ concepts }) {
  const [a, b] = concepts
  return a.matches
    .flatMap((mine) => {
      const theirs = b.matches.find(({ concept }) => concept === mine.concept)
      return theirs ? [{ features: [mine.feature, theirs.feature], f1: Math.min(mine.f1, theirs.f1) }] : []
    })
    .sort((x, y) => y.f1 - x.f1)[0]?.features
}

/** Every screen: its name, its address, and what is done there first. */
function screensOf(demo, bench, report) {
  // The feature that finds a concept best, of whichever SAE: of the first concept that is plainly found.
  const feature = (...sought) => {
    const all = demo.concepts.flatMap(({ saeId, matches }) => matches.map((match) => ({ saeId, ...match })))
    const bests = sought.map(
      (one) => all.filter(({ concept }) => concept === one).sort((x, y) => y.f1 - x.f1)[0],
    )
    const best = bests.find(({ f1 }) => f1 >= 0.9) ?? bests[0]
    return `/sae/${best.saeId}/feature/${best.feature}`
  }
  const shared = sharedConcept(demo)
  const pair = shared ? `?a=${shared[0]}&b=${shared[1]}` : ''
  return [
    ['home', '/home'],
    ['harvest', `/harvest?model=${demo.modelId}&corpus=${demo.corpusId}&hooks=blocks.3.hook_resid_pre`],
    ['train', `/train/${demo.runId}`],
    ['features', `${feature('indirect object')}?find=sentence&sentence=${encodeURIComponent(SENTENCE)}`],
    ['feature', feature('weekday', 'colour', 'month')],
    ['compare', `/compare/${demo.comparisonId}${pair}`],
    ['compare-many', `/compare/many/${report}`],
    [
      'compare-many-choose',
      '/compare/many',
      (page) => page.getByRole('button', { name: /^Choose all/ }).click(),
    ],
    ['splitting', `/compare/splitting?saes=${demo.saeIds.join(',')}`],
    ['stitch', bench],
    ['concepts', '/demo/concepts'],
    ['settings', '/settings'],
    ['help', '/help'],
  ]
}

async function openWindow(browser, address, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })
  await page.addInitScript(() => localStorage.setItem('suture.guide', '{"over":true}'))
  await page.goto(address)
  await page.getByText('engine ready').waitFor()
  return page
}

async function takePictures() {
  const demo = JSON.parse(suture('demo', '--json'))
  const wanted = values.only?.split(',')
  const takes = (name) => !wanted || wanted.includes(name)
  labelConcepts(demo)
  const report = takes('compare-many') || takes('compare-many-choose') ? reportOf(demo) : null
  const { child, address } = await serve()
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: CHROMIUM_FLAGS,
  })
  try {
    let bench
    for (const theme of ['light', 'dark']) {
      const page = await openWindow(browser, address, theme)
      if (takes('stitch')) bench ??= await stitchFour(page, demo)
      for (const [name, path, act] of screensOf(demo, bench, report).filter(([name]) => takes(name))) {
        await visit(page, path)
        if (act) await act(page).then(() => settled(page))
        await page.screenshot({ path: join(values.to, `${name}-${theme}.png`) })
        console.log(`${name}-${theme}.png`)
      }
      await page.close()
    }
  } finally {
    await browser.close()
    child.kill('SIGTERM')
  }
}

mkdirSync(values.to, { recursive: true })
try {
  await takePictures()
} finally {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}
