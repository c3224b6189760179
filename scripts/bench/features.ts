// The feature browser's engine on a synthetic index: `node scripts/bench/features.ts [features] [millions of tokens]`.
// Prints one JSON document. Times are of this process's CPU: what they are on a machine that does nothing else, since
// reading a page is one thread's work. The wall's are beside them where a person waits.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { IndexId } from '#contract/ids.ts'
import { openEncoder } from '../../src-main/backends/cpu/encoder.ts'
import { coFiring } from '../../src-main/features/co-firing.ts'
import { createCodesFile } from '../../src-main/features/codes-file.ts'
import { featurePage } from '../../src-main/features/feature-page.ts'
import { FeatureSources } from '../../src-main/features/feature-sources.ts'
import { featureTable } from '../../src-main/features/feature-table.ts'
import { openIndex } from '../../src-main/features/index-reader.ts'
import { COUNTED, IndexWriter } from '../../src-main/features/index-writer.ts'
import { TextReaders } from '../../src-main/features/text-readers.ts'
import { LoadedSaes } from '../../src-main/features/loaded-saes.ts'
import { inspectFolder } from '../../src-main/language-model/inspect.ts'
import { randomDirections, seededRandom } from '../../src-main/math/random.ts'
import { readSaelensFolder } from '../../src-main/sae/formats/saelens.ts'
import { saveSae } from '../../src-main/sae/load.ts'
import type { SaeWeights } from '../../src-main/sae/weights.ts'
import { openWorkspace, type Workspace } from '../../src-main/store/workspace.ts'
import { filterFeatures, sortFeatures } from '../../src-renderer/state/feature-order.ts'
import { NO_LABELS } from '../../src-renderer/state/feature-labels.ts'
import { buildSyntheticIndex } from './synthetic-index.ts'

interface Times {
  /** Milliseconds of CPU: half of the times, and 99 of 100, are below. */
  cpuMedian: number
  cpu99: number
  wallMedian: number
  wall99: number
  times: number
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const rounded = (value: number): number => Number(value.toPrecision(3))

async function measured(works: (() => unknown)[]): Promise<Times> {
  const cpu: number[] = []
  const wall: number[] = []
  for (const work of works) {
    const [c, w] = [cpuMs(), performance.now()]
    await work()
    cpu.push(cpuMs() - c)
    wall.push(performance.now() - w)
  }
  const quantile = (list: number[], q: number): number =>
    rounded(list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))])
  return {
    cpuMedian: quantile(cpu, 0.5),
    cpu99: quantile(cpu, 0.99),
    wallMedian: quantile(wall, 0.5),
    wall99: quantile(wall, 0.99),
    times: works.length,
  }
}

/** Pages of features drawn evenly, and of the densest ones, each read for the first time. */
async function pages(workspace: Workspace, id: IndexId): Promise<Record<string, Times>> {
  const sources = new FeatureSources(workspace)
  const reader = sources.index(id)
  const { count } = reader.statistics
  const byDensity = [...count.keys()].sort((a, b) => count[b] - count[a])
  const random = seededRandom(2)
  const some = Array.from({ length: 400 }, () => Math.floor(random() * count.length))
  const page = (feature: number) => (): unknown =>
    featurePage(sources, reader, { feature, top: 20, perInterval: 5, onePerRow: false, before: 9, after: 24 })
  const cold = await measured(some.slice(0, 20).map(page))
  const evenly = await measured(some.slice(20).map(page))
  const densest = await measured(byDensity.slice(0, 50).map(page))
  sources.close()
  return { firstTwenty: cold, evenly, densest }
}

async function tables(workspace: Workspace, id: IndexId): Promise<Record<string, Times>> {
  const open = (): unknown => {
    const reader = openIndex(workspace, id)
    const table = featureTable(reader)
    reader.close()
    return table
  }
  const reader = openIndex(workspace, id)
  const table = { ...featureTable(reader), maxCosine: null }
  const any = { shown: 'all', ranges: {}, tag: '', novelty: 'any', only: null } as const
  const filter = { ...any, shown: 'firing', ranges: { density: [1e-4, 1e-2] as [number, number] } } as const
  const sort = (column: 'density' | 'mean') => (): unknown =>
    sortFeatures(filterFeatures(table, any, NO_LABELS), table, column, true, NO_LABELS)
  const { count } = reader.statistics
  const usual = [...count.keys()].sort((a, b) => count[b] - count[a])
  const middle = usual.slice(usual.length / 2, usual.length / 2 + 10)
  const result = {
    openAndRead: await measured(Array.from({ length: 10 }, () => open)),
    filterAndSort: await measured(Array.from({ length: 20 }, (_, i) => sort(i % 2 ? 'density' : 'mean'))),
    filterByDensity: await measured(
      Array.from({ length: 20 }, () => () => filterFeatures(table, filter, NO_LABELS)),
    ),
    coFiring: await measured(middle.map((feature) => () => coFiring(reader, feature, 12))),
  }
  reader.close()
  return result
}

/** Encoding alone, and encoding into an index: CPU seconds for the same tokens. */
async function throughput(workspace: Workspace): Promise<Record<string, number>> {
  const [dIn, dSae, tokens, batch] = [768, 6144, 16_384, 2048]
  const random = seededRandom(3)
  const rows = randomDirections(dSae, dIn, 1, random)
  const weights: SaeWeights = {
    architecture: 'topk',
    k: 32,
    dIn,
    dSae,
    encoder: rows,
    bEnc: new Float32Array(dSae),
    decoder: rows,
    bDec: new Float32Array(dIn),
    appliesBDecToInput: true,
    normalizeActivations: 'none',
  }
  const x = randomDirections(batch, dIn, 10, random)
  const encoder = await openEncoder(weights, { maxRows: batch })
  const seconds = async (
    each: (codes: Awaited<ReturnType<typeof encoder.encode>>) => void,
  ): Promise<number> => {
    const began = cpuMs()
    for (let from = 0; from < tokens; from += batch) each(await encoder.encode(x, batch))
    return (cpuMs() - began) / 1000
  }
  await seconds(() => {})
  const alone = await seconds(() => {})
  const file = createCodesFile(workspace.codesFile('i-throughput'), dSae, 0)
  const writer = new IndexWriter(file)
  const why = new Uint8Array(batch).fill(COUNTED)
  let indexed = await seconds((codes) => writer.add(codes, why))
  const began = cpuMs()
  writer.commit()
  indexed += (cpuMs() - began) / 1000
  file.db.close()
  await encoder.close()
  return {
    encoderTokensPerCpuSecond: rounded(tokens / alone),
    indexTokensPerCpuSecond: rounded(tokens / indexed),
    share: rounded(alone / indexed),
  }
}

/** A sentence typed into stories260K with relu-512, where they lie beside the project. */
async function sentences(workspace: Workspace): Promise<Times | null> {
  const shared = process.env['SUTURE_SHARED'] ?? resolve(import.meta.dirname, '../../../shared')
  if (!existsSync(shared)) return null
  const made = {
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'bench', from: [], parameters: {}, version: '0' },
  }
  const facts = await inspectFolder(join(shared, 'models/stories260K'))
  const model = workspace.models.put({ id: workspace.models.newId(), name: 'stories260K', ...made, ...facts })
  const { weights } = readSaelensFolder(join(shared, 'saes/stories260K/relu-512'))
  const { architecture, dIn, dSae } = weights
  const hook = { hookName: 'blocks.2.hook_resid_pre', modelId: model.id, modelName: model.name }
  const rest = { k: null, activationSetId: null, runId: null, assumptions: [], metrics: null, complete: true }
  const row = {
    id: workspace.saes.newId(),
    name: 'relu-512',
    ...made,
    architecture,
    dIn,
    dSae,
    ...hook,
    ...rest,
  }
  const sae = saveSae(workspace, row, weights)
  const readers = new TextReaders(workspace, new LoadedSaes(workspace))
  const text = 'Once upon a time, Lily went to the park with her dog and sat down under a tree.'
  await readers.try('first', sae.id)
  return measured(Array.from({ length: 30 }, (_, i) => () => readers.try(text.slice(0, 20 + 2 * i), sae.id)))
}

async function main(features: number, tokens: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-bench-'))
  const workspace = openWorkspace(folder)
  try {
    const { index, writing } = buildSyntheticIndex(workspace, { features, tokens, l0: 43 })
    const { nonZeros, bytes } = index
    const built = {
      features,
      tokens: index.tokens,
      nonZeros,
      bytesPerNonZero: rounded(bytes / nonZeros),
      secondsWriting: rounded(writing),
    }
    const report = {
      built,
      pageMs: await pages(workspace, index.id),
      tableMs: await tables(workspace, index.id),
      sentenceMs: await sentences(workspace),
      throughput: await throughput(workspace),
      memoryMB: Math.round(process.memoryUsage.rss() / 1e6),
    }
    console.log(JSON.stringify(report, null, 2))
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(Number(process.argv[2] ?? 98_304), Number(process.argv[3] ?? 3.1) * 1e6)
