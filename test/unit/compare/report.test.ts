import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contract, type EngineClient } from '#contract/index.ts'
import type { JobId, ReportId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { portOf } from '#contract/ports.ts'
import type { ReportNumbers } from '#contract/report.ts'
import { connect } from '#contract/rpc.ts'
import { commandTree } from '../../../src-main/cli/command-tree.ts'
import { compareMany } from '../../../src-main/compare/many.ts'
import { readReport } from '../../../src-main/compare/report-parts.ts'
import { requestReport } from '../../../src-main/compare/report-request.ts'
import { reportFiles } from '../../../src-main/compare/report/report-files.ts'
import { pearsonOf } from '../../../src-main/math/correlation.ts'
import { maxCosine, nullMaxCosine } from '../../../src-main/math/cosine.ts'
import { openEngine, type Engine } from '../../../src-main/rpc/open-engine.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { testWithShared } from '../../shared.ts'
import { putActivations } from '../features/fakes.ts'
import { madeActivations, madeSae, plainCodes } from '../stitch/made.ts'
import { stitchWorkspace, unstoppable, type Stitched } from '../stitch/stitched.ts'
import { reference, referenceSae, referenceTensors, SAE_NAMES } from './reference.ts'

const [TOKENS, D, CONTEXT] = [120, 6, 12]
const x = madeActivations(TOKENS, D, 31)
const xOther = madeActivations(TOKENS, D + 2, 35)
const weights = [madeSae(7, D, 32), madeSae(12, D, 33), madeSae(5, D + 2, 34)]
const tokenIds = Array.from({ length: TOKENS }, (_, t) => t % 50)
let made: Stitched
let otherSet: ReturnType<typeof putActivations>

beforeAll(() => {
  made = stitchWorkspace(weights, x, CONTEXT)
  otherSet = putActivations(made.workspace, { ids: tokenIds, contextSize: CONTEXT, x: xOther, dIn: D + 2 })
})
afterAll(() => made.remove())

const settings = (skipPosition0 = false) => ({
  saeIds: made.saes.map(({ id }) => id),
  baselineIds: [made.saes[2].id],
  activationSetIds: [made.activations.id, otherSet.id],
  tokens: 100_000,
  skipPosition0,
})
async function numbersOf(id: ReportId, control = unstoppable): Promise<ReportNumbers> {
  await compareMany(id, made.workspace, control)
  return readReport(made.workspace.reportFolder(id))!
}
/** Activation of every feature on every token: [features][tokens], by plain loops. */
function columns(sae: SaeWeights, rows: Float32Array): number[][] {
  const codes = plainCodes(sae, rows)
  const out = Array.from({ length: sae.dSae }, () => Array<number>(TOKENS).fill(0))
  for (let t = 0; t < TOKENS; t++)
    for (let e = codes.start[t]; e < codes.start[t + 1]; e++) out[codes.feature[e]][t] = codes.value[e]
  return out
}
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
const varies = (values: readonly number[]): boolean => values.some((v) => v !== values[0])
function plainPearson(a: number[][], b: number[][]): number {
  const [from, to] = [a.filter(varies), b.filter(varies)]
  return mean(from.map((one) => Math.max(...to.map((other) => pearsonOf(one, other)))))
}

describe('a report of SAEs of two widths of activations', () => {
  test('has the numbers of the plain definitions, both ways, on the same tokens', async () => {
    const numbers = await numbersOf(requestReport(made.workspace, settings()).id)
    const [a, b] = weights.map(({ decoder, dSae, dIn }) => ({ data: decoder, rows: dSae, d: dIn }))
    expect(numbers.mcs[0][1]).toBeCloseTo(maxCosine(a, b).mean, 5)
    expect(numbers.mcs[1][0]).toBeCloseTo(maxCosine(b, a).mean, 5)
    expect(numbers.mcs[0][2]).toBeNull()
    expect(numbers.mcsRandom[0][1]).toBeCloseTo(nullMaxCosine(D, 12), 10)
    expect(numbers.mcsRandom[2][0]).toBeNull()
    const codes = [columns(weights[0], x), columns(weights[1], x), columns(weights[2], xOther)]
    for (const [i, j] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [2, 1],
    ] as const)
      // prettier-ignore
      expect(numbers.pearson[i][j], `${i} in ${j}`).toBeCloseTo(plainPearson(codes[i], codes[j]), 5)
    expect(numbers).toMatchObject({ tokens: TOKENS, skippedPosition0: false, sameIds: true })
    expect(numbers.saes.map(({ baseline }) => baseline)).toEqual([false, false, true])
    const { norms, density, metrics } = numbers.saes[1]
    const lengths = Array.from({ length: TOKENS }, (_, t) => Math.hypot(...x.subarray(t * D, (t + 1) * D)))
    expect(norms!.activation).toBeCloseTo(mean(lengths), 5)
    const rows = Array.from({ length: 12 }, (_, j) =>
      Math.hypot(...weights[1].decoder.subarray(j * D, (j + 1) * D)),
    )
    expect(norms!.decoder).toBeCloseTo(mean(rows), 5)
    expect(density!.counts.reduce((sum, n) => sum + n, 0)).toBe(12 - metrics!.dead)
  })

  test('goes on where it was stopped, and comes to the same', async () => {
    const whole = await numbersOf(requestReport(made.workspace, settings(true)).id)
    const { id } = requestReport(made.workspace, settings(true))
    let resumed: ReportNumbers | null = null
    const doing: string[][] = []
    for (let stops = 0; resumed === null && stops < 60; stops++) {
      const said: string[] = []
      doing.push(said)
      const control: JobControl = {
        report: (what) => void said.push(what),
        get stopAsked() {
          return said.length > 8
        },
        checkpoint() {
          if (said.length > 8) throw new Error('stopped')
        },
      }
      resumed = await numbersOf(id, control).catch(() => null)
    }
    resumed ??= await numbersOf(id)
    expect(resumed).toEqual(whole)
    expect(whole.skippedPosition0).toBe(true)
    expect(whole.tokens).toBe(TOKENS - TOKENS / CONTEXT)
    // What was durable was not done again.
    expect(doing.at(-1)).not.toContain('encoding with SAE 0')
    expect(readdirSync(made.workspace.reportFolder(id))).toEqual(['numbers.found'])
  })

  test('of directions alone has no numbers over tokens', async () => {
    const two = settings().saeIds.slice(0, 2)
    const numbers = await numbersOf(
      requestReport(made.workspace, { ...settings(), saeIds: two, baselineIds: [], activationSetIds: [] }).id,
    )
    expect(numbers).toMatchObject({ tokens: null, skippedPosition0: null, sameIds: null })
    expect(numbers.pearson).toEqual([[null, null], [null, null]]) // prettier-ignore
    expect(numbers.saes[0].metrics).toBeNull()
  })

  test('refuses other tokens, an SAE without activations, and a stray baseline, in words', async () => {
    const ids = tokenIds.map((id, t) => (t === 17 ? 49 : id))
    const set = putActivations(made.workspace, { ids, contextSize: CONTEXT, x: xOther, dIn: D + 2 })
    const other = requestReport(made.workspace, {
      ...settings(),
      activationSetIds: [made.activations.id, set.id],
    })
    await expect(compareMany(other.id, made.workspace, unstoppable)).rejects.toThrow(
      /token 17 is 49, in ".*" it is 17/,
    )
    const without = requestReport(made.workspace, {
      ...settings(),
      activationSetIds: [made.activations.id],
    })
    await expect(compareMany(without.id, made.workspace, unstoppable)).rejects.toThrow(
      /SAE 2: none of the activations is of its hook point/,
    )
    expect(() =>
      requestReport(made.workspace, { ...settings(), saeIds: settings().saeIds.slice(0, 2) }),
    ).toThrow(/SAE 2: it is marked as a baseline and is not one of the SAEs/)
  })
})

describe('the files of a report', () => {
  test('are a page that needs nothing else, figures without variables, and tables', async () => {
    const { id } = requestReport(made.workspace, { ...settings(), name: 'A <b> & "c"' })
    const numbers = await numbersOf(id)
    const files = reportFiles(made.workspace.reports.get(id), numbers)
    const page = files.find(({ kind }) => kind === 'page')!.content
    expect(page).toContain('<h1>A &lt;b&gt; &amp; &quot;c&quot;</h1>')
    expect(page).toContain('prefers-color-scheme:dark')
    expect(page).toContain('120 tokens, all positions')
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|src=|<script|<link|@import|url\(/,
    )
    expect(page).toContain(numbers.mcs[0][1]!.toFixed(2))
    const names = files.map(({ name }) => name)
    for (const name of [
      'mcs.svg',
      'pearson.svg',
      'pearson-random.svg',
      'mse-l0.svg',
      'saes.csv',
      'densities.csv',
    ])
      expect(names).toContain(name)
    for (const { kind, content } of files) if (kind === 'figure') expect(content).not.toContain('var(')
    const pairs = files.find(({ name }) => name === 'pairs.csv')!.content.split('\n')
    expect(pairs).toHaveLength(1 + 6 + 1)
    expect(pairs[1]).toContain(String(numbers.mcs[0][1]))
    // The same report gives the same files.
    expect(reportFiles(made.workspace.reports.get(id), numbers)).toEqual(files)
  })
})

describe('through the engine', () => {
  let engine: Engine
  let client: EngineClient
  const { port1, port2 } = new MessageChannel()
  const folder = mkdtempSync(join(tmpdir(), 'suture-report-'))
  beforeAll(() => {
    engine = openEngine(made.workspace.folder, { ownJobsOnly: true })
    engine.attach(portOf(port1))
    client = connect(contract, portOf(port2))
  })
  afterAll(async () => {
    port1.close()
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const follow = async (job: JobId) => {
    for await (const change of client.jobs.watch({}))
      if (change.id === job && !['queued', 'running'].includes(change.state)) return change
    throw new Error('the job was not watched to its end')
  }

  test('compare-many keeps a report and writes it; it is listed, renamed, told again and deleted', async () => {
    const printed: unknown[] = []
    const suture = (...words: string[]): Promise<unknown> =>
      commandTree((_command, action) =>
        action({
          client,
          follow,
          print: (value, lines) => printed.push(value, typeof lines === 'string' ? lines : lines()),
        }),
      ).parseAsync(words, { from: 'user' })
    const [saes, sets] = [settings().saeIds.join(','), settings().activationSetIds.join(',')]
    await suture(
      ...['compare-many', '--saes', saes, '--baselines', made.saes[2].id, '--activations', sets],
      ...['--name', 'three of them', '--html', join(folder, 'r.html'), '--csv', join(folder, 'pairs.csv')],
      ...['--svg', join(folder, 'figures'), '--tables', join(folder, 'tables')],
    )
    const { id, written } = printed[0] as { id: ReportId; written: string[] }
    expect(written.every((path) => existsSync(path))).toBe(true)
    expect(String(printed[1])).toMatch(/mean max correlation .*110 tokens, position 0 left out/)
    expect(readdirSync(join(folder, 'figures'))).toContain('mcs.svg')
    const [page] = await client.reports.files({ id })
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toBe(page.content)
    expect(await client.reports.get({ id })).toMatchObject({
      name: 'three of them',
      complete: true,
      tokens: 110,
    })

    await client.workspace.rename({ id, name: 'renamed' })
    expect((await client.reports.list({})).find((report) => report.id === id)?.name).toBe('renamed')
    await suture('universality-report', id, '--html', join(folder, 'again.html'))
    expect(readFileSync(join(folder, 'again.html'), 'utf8')).toContain('<h1>renamed</h1>')
    expect(await client.workspace.remove({ id })).toEqual({ removed: [id] })
    expect(existsSync(made.workspace.reportFolder(id))).toBe(false)
  })

  test('a report that is not finished has no numbers', async () => {
    const { id } = requestReport(made.workspace, settings())
    await expect(client.reports.numbers({ id })).rejects.toThrow(/it is not finished/)
  })
})

testWithShared(
  'against the exact reference numbers: both similarities of every ordered pair, and each SAE',
  async () => {
    const tensors = referenceTensors()
    const ids = [...tensors.readI32('ids')]
    const all = stitchWorkspace(SAE_NAMES.map(referenceSae), tensors.readF32('activations_f32'), 256)
    try {
      const set = putActivations(all.workspace, {
        ids,
        contextSize: 256,
        x: tensors.readF32('activations_f32'),
        dIn: 64,
      })
      const { id } = requestReport(all.workspace, {
        saeIds: all.saes.map((sae) => sae.id),
        baselineIds: [],
        activationSetIds: [set.id],
        tokens: 100_000,
        skipPosition0: false,
      })
      await compareMany(id, all.workspace, unstoppable)
      const numbers = readReport(all.workspace.reportFolder(id))!
      const want = reference()
      const close = (found: number | null, wanted: number): void =>
        expect(Math.abs(found! / wanted - 1)).toBeLessThan(1e-4)
      for (const [i, a] of SAE_NAMES.entries()) {
        for (const [j, b] of SAE_NAMES.entries()) {
          if (i === j) continue
          close(numbers.mcs[i][j], want.pairs[`${a}->${b}`].mean_max_cos)
          close(numbers.pearson[i][j], want.pairs[`${a}->${b}`].mean_max_pearson_over_varying_features)
        }
        const { metrics } = numbers.saes[i]
        close(metrics!.l0, want.saes[a].L0)
        close(metrics!.mse, want.saes[a].mse_sum_over_d)
        close(metrics!.explainedVariance, want.saes[a].explained_variance)
      }
    } finally {
      all.remove()
    }
  },
)
