// The stitching bench's engine: `node scripts/bench/stitch.ts [thousands of tokens] [features of A] [features of B] [--path]`.
// Prints one JSON document. The codes are made, with densities as trained SAEs have them (a few features fire often, most
// rarely). Times are of this process's CPU over the cores it used, the wall's beside them where a person waits.
import { openRowProduct } from '../../src-main/compare/row-product.ts'
import { randomDirections, seededRandom, type Random } from '../../src-main/math/random.ts'
import { Bench } from '../../src-main/stitch/bench.ts'
import type { EvaluationSet } from '../../src-main/stitch/evaluation-set.ts'
import { walkPath } from '../../src-main/stitch/path.ts'

const D = 768
const L0 = 40

const rounded = (value: number): number => Number(value.toPrecision(3))

/** L0 features of each token, feature j with a weight that falls as a power of its rank. */
function pick(count: number, random: Random, out: Set<number>, shift: number): void {
  const target = out.size + L0
  while (out.size < target) out.add(shift + Math.min(count - 1, Math.floor(count * random() ** 3)))
}

function madeSet(tokens: number, baseCount: number, donorCount: number): EvaluationSet {
  const random = seededRandom(1)
  const entries = tokens * 2 * L0
  const set: EvaluationSet = {
    tokens,
    d: D,
    baseCount,
    donorCount,
    tokenNumber: Int32Array.from({ length: tokens }, (_, t) => t),
    start: Uint32Array.from({ length: tokens + 1 }, (_, t) => t * 2 * L0),
    candidate: new Uint32Array(entries),
    activation: Float32Array.from({ length: entries }, () => 3 * random()),
    along: Float64Array.from({ length: entries }, () => random() - 0.4),
    error: new Float64Array(tokens).fill(100),
    deviation: 1000 * tokens,
    decoder: randomDirections(baseCount + donorCount, D, 1, random),
  }
  for (let t = 0; t < tokens; t++) {
    const chosen = new Set<number>()
    pick(baseCount, random, chosen, 0)
    pick(donorCount, random, chosen, baseCount)
    set.candidate.set(
      [...chosen].sort((a, b) => a - b),
      set.start[t],
    )
  }
  return set
}

interface Took {
  wallMs: number
  cpuMs: number
}
async function took(work: () => unknown): Promise<Took> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallMs: rounded(performance.now() - wall), cpuMs: rounded((user + system) / 1000) }
}

/** Hover, drop and refresh of single features from the densest to the rarest. */
async function singles(bench: Bench) {
  const byFires = Array.from({ length: bench.set.donorCount }, (_, j) => bench.set.baseCount + j).sort(
    (p, q) => bench.fires(q) - bench.fires(p),
  )
  await bench.toggle([byFires[1]]) // warms up
  const rows = []
  for (const share of [0, 0.001, 0.01, 0.1, 0.5, 0.9]) {
    const k = byFires[Math.floor(share * (byFires.length - 1))]
    const one = Int32Array.of(k)
    rows.push({
      fires: bench.fires(k),
      hover: await took(() => bench.preview(one)),
      // What a drop answers with; writing it down is one transaction beside it.
      drop: await took(() => [bench.metrics(), bench.preview(one)]),
      refresh: await took(() => bench.toggle(one)),
      effects: await took(() => bench.effects()),
    })
  }
  return rows
}

async function main(tokens: number, baseCount: number, donorCount: number, path: boolean): Promise<void> {
  const set = madeSet(tokens, baseCount, donorCount)
  const product = await openRowProduct(D)
  let bench: Bench | null = null
  const open = await took(() => (bench = new Bench(set, product)))
  const made = bench as unknown as Bench
  const thousand = Int32Array.from(
    { length: Math.min(1000, donorCount) },
    (_, n) => baseCount + Math.floor((n * donorCount) / 1000),
  )
  const report = {
    tokens,
    features: [baseCount, donorCount],
    open,
    singles: await singles(made),
    thousandAtOnce: {
      hover: await took(() => made.preview(thousand)),
      apply: await took(() => made.toggle(thousand)),
    },
    path: path ? await wholePath(made) : 'not run (--path)',
    memoryMB: Math.round(process.memoryUsage.rss() / 1e6),
  }
  console.log(JSON.stringify(report, null, 2))
  await product.close()
}

/** Every feature of the donor added or swapped in, every feature of the base gone. */
async function wholePath(bench: Bench) {
  const { baseCount, donorCount } = bench.set
  const random = seededRandom(2)
  const maxCosine = Float32Array.from({ length: donorCount }, random)
  const swapped = [...maxCosine.keys()].filter((j) => maxCosine[j] > 0.7).slice(0, baseCount)
  const edges = {
    a: Int32Array.from(swapped, (_, n) => n),
    b: Int32Array.from(swapped),
    cosine: Float32Array.from(swapped, () => 0.9),
  }
  return took(() => walkPath(bench, { maxCosine, edges }, 0.7))
}

const numbers = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('--'))
  .map(Number)
const [thousands = 100, baseCount = 6144, donorCount = 24_576] = numbers
await main(1000 * thousands, baseCount, donorCount, process.argv.includes('--path'))
