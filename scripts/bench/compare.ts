// Comparing two large dictionaries: `node scripts/bench/compare.ts [features of A] [features of B]`.
// Prints one JSON document. Rates are ratios within the run: our tiles against onnxruntime's bare product of the same
// tiles, done in turns with it, and against numpy's BLAS where SUTURE_BENCH_PYTHON names a Python that has it.
import { spanningForest, swapComponents } from '../../src-preload/contract/swap-graph.ts'
import { bestSplit, effectCurve, effectTable } from '../../src-preload/contract/threshold.ts'
import { AddedEffect } from '../../src-main/compare/added-effect.ts'
import { assignRows } from '../../src-main/compare/assignment.ts'
import { decoderCosine, unitRows, type Directions } from '../../src-main/compare/decoder-cosine.ts'
import { openFixedProduct, openRowProduct } from '../../src-main/compare/row-product.ts'
import { firstMatches } from '../../src-main/compare/ranked-lists.ts'
import { TILE_COLUMNS, TILE_ROWS, type Similarities } from '../../src-main/compare/similarities.ts'
import { normal, randomDirections, seededRandom, type Random } from '../../src-main/math/random.ts'
import type { SparseCodes } from '../../src-main/sae/weights.ts'
import { openPython } from './python.ts'

const D = 768
const FLOOR = 0.6
const K = 10
const ROUNDS = 3

const rounded = (value: number): number => Number(value.toPrecision(3))
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Random directions; two thirds of the wider dictionary lie near one of the narrower, as in trained SAEs. */
function dictionaries(aCount: number, bCount: number, random: Random): [Directions, Directions] {
  const a = { dIn: D, dSae: aCount, decoder: randomDirections(aCount, D, 1, random) }
  const b = { dIn: D, dSae: bCount, decoder: randomDirections(bCount, D, 1, random) }
  for (let j = 0; j < bCount; j++) {
    if (j % 3 === 0) continue
    const parent = Math.floor(random() * aCount) * D
    const noise = 0.3 + 0.7 * random()
    for (let c = 0; c < D; c++)
      b.decoder[j * D + c] = a.decoder[parent + c] + (noise * normal(random)) / Math.sqrt(D)
  }
  return [a, b]
}

/** The same tiles through onnxruntime's product alone. */
async function bareProducts(a: Directions, b: Directions): Promise<number> {
  const [unitA, unitB] = [unitRows(a), unitRows(b)]
  const out = new Float32Array(TILE_ROWS * TILE_COLUMNS)
  const began = performance.now()
  for (let j = 0; j < b.dSae; j += TILE_COLUMNS) {
    const columns = Math.min(TILE_COLUMNS, b.dSae - j)
    const product = await openFixedProduct(unitB.subarray(j * D, (j + columns) * D), columns, D)
    for (let i = 0; i < a.dSae; i += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, a.dSae - i)
      await product.multiply(unitA.subarray(i * D, (i + rows) * D), rows, out)
    }
    await product.close()
  }
  return performance.now() - began
}

async function allPairs(aCount: number, bCount: number) {
  const [a, b] = dictionaries(aCount, bCount, seededRandom(1))
  const python = openPython('numpy_cosine.py', [aCount, bCount, D, FLOOR])
  const [bare, ours, numpy, numpyProducts]: number[][] = [[], [], [], []]
  let found: Similarities | null = null
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareProducts(a, b))
    const began = performance.now()
    found = await decoderCosine(a, b, { k: K, floor: FLOOR })
    ours.push(performance.now() - began)
    if (!python) continue
    const { ms, productMs } = await python.ask()
    numpy.push(ms)
    numpyProducts.push(productMs)
  }
  await python?.close()
  if (!found) throw new Error('rounds were run')
  // The least disturbed time of each.
  const least = (times: readonly number[]): number => Math.min(...times)
  const flops = 2 * aCount * bCount * D
  return {
    found,
    report: {
      features: [aCount, bCount],
      seconds: rounded(least(ours) / 1000),
      gflops: rounded(flops / least(ours) / 1e6),
      bareGflops: rounded(flops / least(bare) / 1e6),
      ofBareProduct: rounded(least(bare) / least(ours)),
      againstNumpy: python && rounded(least(numpy) / least(ours)),
      numpyProductGflops: python && rounded(flops / least(numpyProducts) / 1e6),
      edges: found.edges.cosine.length,
    },
  }
}

/** What a view works out at every step of a drag, for all features of B. */
function thresholdDrag(found: Similarities, aCount: number, bCount: number) {
  const random = seededRandom(2)
  const maxCosine = firstMatches(found.bToA).value
  const deltaMse = Float64Array.from(maxCosine, (c) => c - 0.7 + 0.2 * normal(random))
  const once = performance.now()
  const curve = effectCurve(maxCosine, deltaMse)
  const forest = spanningForest(found.edges, aCount, bCount)
  const prepared = performance.now() - once
  const frames: number[] = []
  for (let threshold = 0.95; threshold > FLOOR; threshold -= 0.005) {
    const began = cpuMs()
    effectTable(curve, threshold)
    swapComponents(forest, aCount, bCount, threshold)
    frames.push(cpuMs() - began)
  }
  const splitBegan = cpuMs()
  bestSplit(curve)
  return {
    preparedOnceMs: rounded(prepared),
    frameMs: {
      median: rounded(frames.toSorted((x, y) => x - y)[frames.length >> 1]),
      worst: rounded(Math.max(...frames)),
    },
    bestSplitMs: rounded(cpuMs() - splitBegan),
  }
}

/** ΔMSE of every feature of B from codes: what the pass costs besides the two encoders. */
function addedEffects(bCount: number) {
  const random = seededRandom(3)
  const [rows, l0] = [2000, 40]
  const donor = { dIn: D, dSae: bCount, decoder: randomDirections(bCount, D, 1, random) }
  const residual = Float32Array.from({ length: rows * D }, () => normal(random))
  const codes: SparseCodes = {
    rows,
    start: Uint32Array.from({ length: rows + 1 }, (_, t) => t * l0),
    feature: Uint32Array.from({ length: rows * l0 }, () => Math.floor(random() * bCount)),
    value: Float32Array.from({ length: rows * l0 }, random),
  }
  const effect = new AddedEffect(donor)
  effect.take(residual, codes)
  const began = cpuMs()
  effect.take(residual, codes)
  const ms = cpuMs() - began
  return { tokens: rows, l0, cpuMs: rounded(ms), secondsPer100kTokens: rounded((ms * 50) / 1000) }
}

async function assignment(n: number) {
  const random = seededRandom(4)
  const a = randomDirections(n, D, 1, random)
  const b = randomDirections(n, D, 1, random)
  const product = await openRowProduct(D)
  const cosine = await product.multiply(a, n, b, n, new Float32Array(n * n))
  await product.close()
  const [cpu, wall] = [cpuMs(), performance.now()]
  assignRows(cosine, n, n)
  return {
    features: n,
    cpuSeconds: rounded((cpuMs() - cpu) / 1000),
    wallSeconds: rounded((performance.now() - wall) / 1000),
  }
}

const [aCount, bCount] = [Number(process.argv[2] ?? 24_576), Number(process.argv[3] ?? 49_152)]
const { found, report } = await allPairs(aCount, bCount)
console.log(
  JSON.stringify(
    {
      allPairs: report,
      thresholdDrag: thresholdDrag(found, aCount, bCount),
      addedEffects: addedEffects(bCount),
      assignment: await assignment(6144),
      memoryMB: Math.round(process.memoryUsage.rss() / 1e6),
    },
    null,
    2,
  ),
)
