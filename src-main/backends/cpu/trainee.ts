import type {
  StepReport,
  StepSettings,
  Trainee,
  TraineeConfig,
  TraineeOptions,
  TraineeState,
} from '../../sae/backend.ts'
import { checkBatch, countSilence, runningThreshold } from '../bookkeeping.ts'
import { Arena, type Floats } from './arena.ts'
import { BatchChoice } from './batch-choice.ts'
import { Crew } from './crew.ts'
import { placeLayout, type Layout } from './layout.ts'
import { integerProductIsExact } from './integer-product.ts'
import { PartialSums } from './partial-sums.ts'
import { paysToPrune } from './pruning-layout.ts'
import { PruningTrial } from './pruning-trial.ts'
import { Pruning } from './pruning.ts'
import { ResidentState } from './resident-state.ts'
import type { Orders } from './step-thread.ts'
import { StepStruct } from './structs.ts'
import { fillStruct, penaltyOf, setStep } from './step-struct.ts'

const WORKING_MEMORY = 512 << 20

/** With so many features on a token or fewer, the cosine penalty looks at every token. */
const COSINE_FEATURES = 64

/** The two ways to make the same step: from entry to entry, or by dense products over everything. */
type Path = 'sparse' | 'dense'
const FORWARD = { sparse: 'forward', dense: 'denseForward' } as const
const UPDATE = { sparse: 'update', dense: 'denseUpdate' } as const

/** One SAE in training on the CPU. */
export class CpuTrainee implements Trainee {
  readonly config: TraineeConfig
  readonly #memory: WebAssembly.Memory
  readonly #state: ResidentState
  readonly #struct: StepStruct
  readonly #layout: Layout
  readonly #crew: Crew
  readonly #sums: PartialSums
  readonly #bDecGradient: Floats
  readonly #batchChoice: BatchChoice | null
  readonly #pruning: Pruning | null
  #trial = new PruningTrial()
  /** Of the present batch, by the kinds that choose over the batch. */
  #smallestKept = 0

  private constructor(arena: Arena, state: ResidentState, struct: StepStruct, layout: Layout, crew: Crew) {
    this.config = state.config
    this.#memory = arena.memory
    this.#state = state
    this.#struct = struct
    this.#layout = layout
    this.#crew = crew
    this.#sums = new PartialSums(arena.memory, layout)
    this.#bDecGradient = arena.floats(layout.d)
    this.#pruning = layout.pruning && new Pruning(arena.memory, layout, layout.pruning)
    const { config } = state
    this.#batchChoice =
      config.architecture === 'batchtopk' || config.architecture === 'matryoshka'
        ? new BatchChoice(arena.memory, layout, crew, config.k)
        : null
  }

  static async open(
    config: TraineeConfig,
    initial: TraineeState,
    options: TraineeOptions,
    pruned = paysToPrune(config.dIn, config.dSae),
  ): Promise<CpuTrainee> {
    const arena = new Arena()
    const state = new ResidentState(arena, config, initial)
    const struct = new StepStruct(arena)
    const layout = placeLayout(arena, config, state, struct.address, {
      batchTokens: options.batchTokens,
      threads: Math.max(1, options.threads),
      workingMemory: options.workingMemory ?? WORKING_MEMORY,
      pruned: pruned && (await integerProductIsExact()),
    })
    fillStruct(struct, config, state, layout)
    const crew = await Crew.open(arena.memory, layout)
    return new CpuTrainee(arena, state, struct, layout, crew)
  }

  async step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    checkBatch(x, rows, this.config.dIn, this.#layout.batchTokens)
    this.#placeInput(x, rows)
    setStep(this.#struct, this.#state, rows, settings)
    const orders = this.#orders(rows, settings)
    this.#pruning?.begin()
    await this.#crew.run('centre', orders)
    if (orders.pruned) await this.#preparePruning(orders)
    const path = await this.#encode(orders)
    if (orders.pruned && this.#pruning)
      this.#trial.settle(this.#pruning.count, this.#crew.parts('encode', rows))
    if (path === 'sparse') await this.#orderColumns(orders)
    await this.#crew.run(FORWARD[path], orders)
    const report = this.#report(orders, settings, path)
    if (settings.cosine > 0 && path === 'sparse') await this.#penaliseCosines(orders, settings.cosine, report)
    if (!Number.isFinite(report.loss)) return report
    report.gradientNorm = await this.#update(orders, settings, path)
    report.dead = countSilence(this.#state.tokensSinceFired, report.fires, rows, this.config.deadAfter)
    this.#state.threshold = runningThreshold(this.config, this.#state.threshold, this.#smallestKept)
    report.threshold = this.#state.threshold
    return report
  }

  #orders(rows: number, settings: StepSettings): Orders {
    const dead = settings.aux > 0 ? this.#markDead() : 0
    const withDead = dead > 0 ? 1 : 0
    const isTried = this.#pruning !== null && this.#trial.isDue(this.#state.steps)
    const pruned = isTried && (!withDead || this.#pruning.placeDead(this.#state, this.config.deadAfter))
    return { rows, withDead, dead, pruned: pruned ? 1 : 0, apply: 1, ranges: this.#layout.threads.length }
  }

  /** The encoder in 8 bits for this batch, and where to look: from the batch alone, so that a resumed run is the same. */
  async #preparePruning(orders: Orders): Promise<void> {
    this.#pruning?.balance(this.#sums.columnSizes(orders.rows, this.#crew.parts('centre', orders.rows)))
    await this.#crew.run('quantise', orders)
    if (!('k' in this.config)) return
    await this.#crew.run('sample', orders)
    this.#pruning?.setFloor(orders.rows)
  }

  /** Milliseconds that the calling thread has spent in dense products so far (for the benchmark). */
  get productTime(): number {
    return this.#crew.own.productTime
  }

  read(): Promise<TraineeState> {
    this.#trial = new PruningTrial()
    return Promise.resolve(this.#state.read())
  }

  write(state: TraineeState): Promise<void> {
    this.#trial = new PruningTrial()
    this.#state.write(state)
    return Promise.resolve()
  }

  dispose(): Promise<void> {
    return this.#crew.close()
  }

  /** The batch into the shared memory, its rows padded. */
  #placeInput(x: Float32Array, rows: number): void {
    const { d, arrays } = this.#layout
    const { dIn } = this.config
    const to = new Float32Array(this.#memory.buffer, arrays.x, rows * d)
    if (d === dIn) to.set(x.subarray(0, rows * d))
    else for (let r = 0; r < rows; r++) to.set(x.subarray(r * dIn, (r + 1) * dIn), r * d)
  }

  /** Finds the batch's entries. @returns dense where there are more than pay or fit */
  async #encode(orders: Orders): Promise<Path> {
    if (this.#batchChoice) {
      const sampled =
        orders.pruned && this.#pruning ? this.#pruning.sampledCut(orders.rows, this.#batchChoice.k) : null
      this.#smallestKept = await this.#batchChoice.encode(orders, sampled)
      return 'sparse'
    }
    if (this.config.architecture === 'jumprelu') this.#cutBelowThresholds(this.config.bandwidth)
    return (await this.#crew.run('encode', orders)) ? 'sparse' : 'dense'
  }

  /** jumprelu needs the pre-activations within half a bandwidth below the threshold as well. */
  #cutBelowThresholds(bandwidth: number): void {
    const { arrays, features } = this.#layout
    const cut = new Float32Array(this.#memory.buffer, arrays.cut, features)
    for (let j = 0; j < features; j++) cut[j] = this.#state.derived.view[j] - bandwidth / 2
  }

  /** Leaves only the dead features to the second choice. @returns how many there are */
  #markDead(): number {
    const { dead, arrays, features } = this.#layout
    if (!dead) return 0
    const { tokensSinceFired, bEnc } = this.#state
    const bias = new Float32Array(this.#memory.buffer, arrays.deadBias, features)
    let found = 0
    for (let j = 0; j < features; j++) {
      const isDead = tokensSinceFired[j] >= this.config.deadAfter
      bias[j] = isDead ? bEnc.views.value[j] : -Infinity
      if (isDead) found++
    }
    return found
  }

  /** The entries by feature. */
  async #orderColumns(orders: Orders): Promise<void> {
    const { codes, dead, features } = this.#layout
    await this.#crew.run('countColumns', orders)
    this.#crew.own.kernels.startColumns(codes.struct, features)
    if (orders.withDead && dead) this.#crew.own.kernels.startColumns(dead.struct, features)
    await this.#crew.run('fillColumns', orders)
  }

  #report({ rows }: Orders, settings: StepSettings, path: Path): StepReport {
    const { arrays, features } = this.#layout
    const sums = this.#sums.forward(this.#crew.parts(FORWARD[path], rows))
    const sparsity = penaltyOf(this.config, settings) * (sums.sparsity / rows)
    const aux = (settings.aux * sums.aux) / rows
    const reconstruction = sums.reconstruction / rows
    return {
      loss: reconstruction + sparsity + aux,
      mse: sums.squaredError / rows,
      reconstruction,
      sparsity,
      aux,
      cosine: 0,
      l0: sums.count / rows,
      squaredError: sums.squaredError,
      squaredDeviation: this.#sums.squaredDeviation(rows, this.#crew.parts('encode', rows)),
      gradientNorm: 0,
      dead: 0,
      threshold: this.#state.threshold,
      fires: new Uint32Array(this.#memory.buffer, arrays.fires, features),
      squaredErrors: new Float32Array(this.#memory.buffer, arrays.squaredErrors, rows),
      path: path === 'sparse' && this.#pruning && this.#pruning.count > 0 ? 'sparse, pruned' : path,
    }
  }

  /**
   * The cosine penalty's gradient and value. It looks at every n-th token where many features fire, so that the pairs
   * stay affordable; a batch is shuffled, so those are as good as any.
   */
  async #penaliseCosines(orders: Orders, weight: number, report: StepReport): Promise<void> {
    const { arrays } = this.#layout
    const stride = Math.ceil(Math.max(1, report.l0 / COSINE_FEATURES) ** 2)
    const active = new Uint32Array(this.#memory.buffer, arrays.active, orders.rows)
    let pairs = 0
    for (let r = 0; r < orders.rows; r += stride) pairs += (active[r] * (active[r] - 1)) / 2
    if (pairs === 0) return
    const { cosineGradient } = arrays
    this.#struct.set({ cosineGradient, cosineStride: stride, cosineScale: weight / pairs })
    await this.#crew.run('cosine', orders)
    report.cosine = (weight * this.#sums.cosine(this.#crew.parts('cosine', orders.rows))) / pairs
    report.loss += report.cosine
  }

  /** Adam on everything; clipping first measures the whole gradient. @returns its norm before clipping */
  async #update(orders: Orders, { clipNorm }: StepSettings, path: Path): Promise<number> {
    if (clipNorm !== null) {
      await this.#crew.run(UPDATE[path], { ...orders, apply: 0 })
      const norm = this.#gradientNorm(orders, path)
      if (norm > clipNorm) this.#struct.set({ gradientScale: clipNorm / norm })
    }
    await this.#crew.run(UPDATE[path], orders)
    const norm = this.#gradientNorm(orders, path)
    if (this.config.architecture !== 'tied') this.#updateBDec()
    this.#state.steps++
    return norm
  }

  /** Also leaves b_dec's gradient where its update finds it. */
  #gradientNorm({ rows }: Orders, path: Path): number {
    const updateParts = this.#crew.parts(UPDATE[path], rows)
    let squares = this.#sums.update(updateParts).gradientSquares
    if (this.config.architecture === 'tied') return Math.sqrt(squares)
    const gradient = this.#sums.bDecGradient(this.#crew.parts(FORWARD[path], rows), updateParts)
    for (const g of gradient) squares += g * g
    this.#bDecGradient.view.set(gradient)
    return Math.sqrt(squares)
  }

  #updateBDec(): void {
    const { bDec } = this.#state
    const bytes = this.#layout.d * 4
    this.#crew.own.kernels.adam(this.#struct.address, bDec.struct, 0, this.#bDecGradient.address, bytes)
  }
}
