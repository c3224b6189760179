// Training steps on the CPU, with a plain PyTorch step of the same kind and size beside them where PyTorch is at hand:
//   node scripts/bench/training.ts [--d 768] [--width 24576] [--batch 4096] [--k 32] [--steps 5] [--threads 2]
//   node scripts/bench/training.ts --full         the full encoder product, without pruning by 8-bit products
//   node scripts/bench/training.ts --scaling      cost per token against width and d, ours alone
//   node scripts/bench/training.ts --together 4   so many SAEs of one kind on one stream, against the sum of single runs
// SUTURE_BENCH_PYTHON names a Python that has torch. Ours and PyTorch take turns, so that the load of the machine falls
// on both; each case runs in a process of its own, so that its peak memory is its own.
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { cpuBackend } from '../../src-main/backends/cpu/backend.ts'
import { CpuTrainee } from '../../src-main/backends/cpu/trainee.ts'
import { cpuBackendInThreads } from '../../src-main/backends/in-threads.ts'
import { normal, seededRandom } from '../../src-main/math/random.ts'
import { initialState } from '../../src-main/sae/architectures/index.ts'
import type { StepSettings, Trainee, TraineeConfig } from '../../src-main/sae/backend.ts'
import { openTorch } from './torch.ts'

interface Case {
  kind: 'topk' | 'standard'
  d: number
  width: number
  batch: number
  /** topk: features kept; standard: features that fire per token, by the bias. */
  k: number
  steps: number
  threads: number
  /** Whether the encoder may be pruned, where that pays. */
  pruned: boolean
}

const { values: options } = parseArgs({
  options: {
    d: { type: 'string', default: '768' },
    width: { type: 'string', default: '24576' },
    batch: { type: 'string', default: '4096' },
    k: { type: 'string', default: '32' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    full: { type: 'boolean', default: false },
    scaling: { type: 'boolean', default: false },
    together: { type: 'string' },
    case: { type: 'string' },
  },
})

const SETTINGS: StepSettings = { learningRate: 1e-6, sparsity: 1, aux: 0, cosine: 0, clipNorm: null }

/** The bias under which a standard normal pre-activation is positive with probability k / width. */
function biasFor({ kind, k, width }: Case): number {
  if (kind === 'topk') return 0
  let [low, high] = [0, 8]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (upperTail(middle) > k / width) low = middle
    else high = middle
  }
  return -low
}

/** P(N > z), by its integral. */
function upperTail(z: number): number {
  let sum = 0
  for (let t = z; t < z + 8; t += 1e-3) sum += Math.exp((-t * t) / 2) * 1e-3
  return sum / Math.sqrt(2 * Math.PI)
}

function configOf({ kind, d, width, k }: Case): TraineeConfig {
  const size = { dIn: d, dSae: width, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 1e9 }
  return kind === 'topk'
    ? { ...size, architecture: 'topk', decoderNorm: 'free', k, auxK: 0 }
    : { ...size, architecture: 'standard', decoderNorm: 'free' }
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/** Runs one case; prints a line of JSON. */
async function runCase(one: Case): Promise<void> {
  const random = seededRandom(1)
  const x = Float32Array.from({ length: one.batch * one.d }, () => normal(random))
  const config = configOf(one)
  const state = initialState({ ...config, decoderNorm: 'unit' } as TraineeConfig, 7)
  state.parameters.bEnc.fill(biasFor(one))
  const stateBytes = 3 * (2 * one.width * one.d + one.width + one.d) * 4
  const before = process.memoryUsage().rss - stateBytes
  const options = { batchTokens: one.batch, threads: one.threads }
  const trainee = await CpuTrainee.open(config, state, options, one.pruned ? undefined : false)
  const torch = openTorch(one, biasFor(one))
  const times = { ours: [] as number[], torch: [] as number[], product: [] as number[] }
  let l0 = 0
  let path = ''
  for (let step = 0; step < one.steps + 1; step++) {
    const product = trainee.productTime
    const began = performance.now()
    const report = await trainee.step(x, one.batch, SETTINGS)
    const ms = performance.now() - began
    l0 = report.l0
    path = report.path
    const torchMs = await torch?.step()
    if (step === 0) continue // warm-up
    times.ours.push(ms)
    times.product.push(trainee.productTime - product)
    if (torchMs !== undefined) times.torch.push(torchMs)
  }
  const peak = process.resourceUsage().maxRSS * 1024
  await trainee.dispose()
  await torch?.close()
  const flops = 2 * one.batch * one.width * one.d
  console.log(
    JSON.stringify({
      l0,
      path,
      ms: median(times.ours),
      torchMs: times.torch.length ? median(times.torch) : null,
      productShare: median(times.product) / median(times.ours),
      productRate: flops / median(times.product) / 1e6,
      torchProductRate: torch?.productRate ?? null,
      // The state is held twice here: as it was given, and in the backend.
      working: peak - before - 2 * stateBytes - x.byteLength,
    }),
  )
}

type Result = Record<'l0' | 'ms' | 'productShare' | 'productRate' | 'working', number> & {
  path: string
  torchMs: number | null
  torchProductRate: number | null
}

function inOwnProcess(one: Case): Result {
  const args = [import.meta.filename, '--case', JSON.stringify(one)]
  const out = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Result
}

function compare(one: Case): void {
  const r = inOwnProcess(one)
  const rate = (ms: number): string => `${((1000 * one.batch) / ms).toFixed(0)} tokens/s`
  console.log(
    `${one.kind} d=${one.d} F=${one.width} B=${one.batch}, ${one.threads} threads, L0 ${r.l0.toFixed(1)}, ${r.path}`,
  )
  console.log(`  Suture   ${rate(r.ms)}`)
  if (r.torchMs !== null) {
    console.log(`  PyTorch  ${rate(r.torchMs)}`)
    console.log(`  ratio    ${(r.torchMs / r.ms).toFixed(2)} ×`)
  } else console.log('  PyTorch  not at hand (set SUTURE_BENCH_PYTHON)')
  const torchProduct = r.torchProductRate
    ? `; PyTorch's own plain product ${r.torchProductRate.toFixed(0)}`
    : ''
  console.log(
    `  ${r.path.includes('pruned') ? '8-bit encoder product' : 'encoder product'}: ${(100 * r.productShare).toFixed(0)} % of the step at ${r.productRate.toFixed(0)} G operations/s${torchProduct}`,
  )
  if (r.torchProductRate && !r.path.includes('pruned'))
    console.log(
      `  fraction of the machine's f32 rate, as PyTorch's product reaches it: ${(r.productRate / r.torchProductRate).toFixed(2)}`,
    )
  console.log(`  memory beside weights, optimiser and batch: ${(r.working / 2 ** 20).toFixed(0)} MB`)
}

function scaling(base: Case): void {
  console.log('µs per token of a topk step (share of the encoder product)')
  const widths = [1536, 6144, 24576]
  console.log(`d \\ F   ${widths.map((width) => String(width).padStart(16)).join('')}`)
  for (const d of [64, 256, 768]) {
    const cells = widths.map((width) => {
      const r = inOwnProcess({ ...base, kind: 'topk', d, width })
      return `${((1000 * r.ms) / base.batch).toFixed(1)} (${(100 * r.productShare).toFixed(0)} %)`.padStart(
        16,
      )
    })
    console.log(`${String(d).padEnd(8)}${cells.join('')}`)
  }
}

/** Milliseconds of a step of all the SAEs side by side, a thread each at most; the first step is warm-up. */
async function stepsTogether(one: Case, saes: number): Promise<number> {
  const backend = saes > 1 ? cpuBackendInThreads() : cpuBackend
  const threads = saes > 1 ? 1 : one.threads
  const random = seededRandom(1)
  const x = Float32Array.from({ length: one.batch * one.d }, () => normal(random))
  const config = configOf(one)
  const trainees: Trainee[] = []
  for (let seed = 0; seed < saes; seed++) {
    const state = initialState({ ...config, decoderNorm: 'unit' } as TraineeConfig, seed)
    trainees.push(await backend.open(config, state, { batchTokens: one.batch, threads }))
  }
  const times: number[] = []
  for (let step = 0; step <= one.steps; step++) {
    const began = performance.now()
    await Promise.all(trainees.map((trainee) => trainee.step(x, one.batch, SETTINGS)))
    if (step > 0) times.push(performance.now() - began)
  }
  for (const trainee of trainees) await trainee.dispose()
  return median(times)
}

async function together(one: Case, saes: number): Promise<void> {
  const single = await stepsTogether(one, 1)
  const all = await stepsTogether(one, saes)
  console.log(`${saes} SAEs, ${one.kind} d=${one.d} F=${one.width} B=${one.batch}, on one stream`)
  console.log(
    `  one after the other  ${(saes * single).toFixed(0)} ms a step (${one.threads} threads for each)`,
  )
  console.log(`  together             ${all.toFixed(0)} ms a step (one thread for each)`)
  console.log(
    `  ratio                ${((saes * single) / all).toFixed(2)} ×, reading the activations not counted`,
  )
}

if (options.case) await runCase(JSON.parse(options.case) as Case)
else {
  const number = (name: 'd' | 'width' | 'batch' | 'k' | 'steps' | 'threads'): number => Number(options[name])
  const [d, width, batch, k, steps, threads] = (
    ['d', 'width', 'batch', 'k', 'steps', 'threads'] as const
  ).map(number)
  const base: Case = { kind: 'topk', d, width, batch, k, steps, threads, pruned: !options.full }
  if (options.scaling) scaling(base)
  else if (options.together) await together(base, Number(options.together))
  else for (const kind of ['topk', 'standard'] as const) compare({ ...base, kind })
}
