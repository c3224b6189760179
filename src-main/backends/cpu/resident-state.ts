import { parameterShapes } from '../../sae/architectures/index.ts'
import type { ParameterName, Parameters, TraineeConfig, TraineeState } from '../../sae/backend.ts'
import { checkState } from '../bookkeeping.ts'
import type { Arena, Floats } from './arena.ts'
import { placeTensor, type TensorFields } from './structs.ts'

/** A parameter with its moments in the shared memory, its rows padded to a multiple of 4 floats. */
interface ResidentTensor extends TensorFields {
  struct: number
  rows: number
  width: number
  padded: number
  views: { value: Float32Array; first: Float32Array; second: Float32Array }
}

const padded = (width: number): number => Math.ceil(width / 4) * 4

/** A trainee's state where the kernels work on it. */
export class ResidentState {
  readonly config: TraineeConfig
  /** dIn padded to a multiple of 4; the padding is zero and stays zero. */
  readonly d: number
  readonly encoder: ResidentTensor
  readonly bEnc: ResidentTensor
  /** The encoder when tied. */
  readonly decoder: ResidentTensor
  /** Zeros that are never updated when tied. */
  readonly bDec: ResidentTensor
  /** jumprelu: log θ; gated: r_mag. */
  readonly extra1: ResidentTensor | null
  /** gated: b_mag. */
  readonly extra2: ResidentTensor | null
  /** [features] what a penalty on activations is weighted by: decoder norms, or ones. */
  readonly weight: Floats
  /** [features] e^extra1. */
  readonly derived: Floats
  steps = 0
  threshold: number | null = null
  tokensSinceFired: Uint32Array
  readonly #byName: Map<ParameterName, ResidentTensor>

  constructor(arena: Arena, config: TraineeConfig, state: TraineeState) {
    this.config = config
    this.d = padded(config.dIn)
    this.#byName = new Map(
      parameterShapes(config).map(({ name, rows, width }) => [name, placeResident(arena, rows, width)]),
    )
    this.encoder = this.#tensor('encoder')
    this.bEnc = this.#tensor('bEnc')
    this.decoder = config.architecture === 'tied' ? this.encoder : this.#tensor('decoder')
    this.bDec = config.architecture === 'tied' ? placeResident(arena, 1, config.dIn) : this.#tensor('bDec')
    this.extra1 = this.#byName.get('logThreshold') ?? this.#byName.get('rMag') ?? null
    this.extra2 = this.#byName.get('bMag') ?? null
    this.weight = arena.floats(config.dSae)
    this.derived = arena.floats(config.dSae)
    this.tokensSinceFired = new Uint32Array(config.dSae)
    this.write(state)
  }

  /** @throws Problem when a tensor of the state is missing or of another size than the config says. */
  write(state: TraineeState): void {
    checkState(this.config, state)
    for (const [name, tensor] of this.#byName) {
      copyIn(state.parameters[name], tensor, tensor.views.value)
      copyIn(state.firstMoments[name], tensor, tensor.views.first)
      copyIn(state.secondMoments[name], tensor, tensor.views.second)
    }
    this.steps = state.steps
    this.threshold = state.threshold
    this.tokensSinceFired = state.tokensSinceFired.slice()
    this.#derive()
  }

  read(): TraineeState {
    const copy = (of: keyof ResidentTensor['views']): Parameters =>
      Object.fromEntries(
        [...this.#byName].map(([name, tensor]) => [name, copyOut(tensor, tensor.views[of])]),
      ) as unknown as Parameters
    return {
      parameters: copy('value'),
      firstMoments: copy('first'),
      secondMoments: copy('second'),
      steps: this.steps,
      tokensSinceFired: this.tokensSinceFired.slice(),
      threshold: this.threshold,
    }
  }

  #tensor(name: ParameterName): ResidentTensor {
    const tensor = this.#byName.get(name)
    if (!tensor) throw new Error(`${this.config.architecture} has no ${name}`)
    return tensor
  }

  /** What the kernels keep beside the parameters and update with them. */
  #derive(): void {
    const { d, decoder } = this
    const weighted = 'decoderNorm' in this.config && this.config.decoderNorm === 'free'
    this.weight.view.fill(1)
    for (let j = 0; weighted && j < decoder.rows; j++)
      this.weight.view[j] = Math.sqrt(squaredNorm(decoder.views.value, j * d, d))
    this.extra1?.views.value.forEach((value, j) => {
      if (j < this.config.dSae) this.derived.view[j] = Math.exp(value)
    })
  }
}

/**
 * Σ x² of d floats as the kernels sum them (kernels/vector.ts, dot): to the bit, so that a state that is put back
 * goes on as if it had never been away.
 */
function squaredNorm(x: Float32Array, from: number, d: number): number {
  const lanes = new Float32Array(8)
  for (let i = 0; i < d; i++) lanes[i % 8] += Math.fround(x[from + i] * x[from + i])
  const [a, b, c, e] = [0, 1, 2, 3].map((lane) => Math.fround(lanes[lane] + lanes[lane + 4]))
  return Math.fround(Math.fround(a + b) + Math.fround(c + e))
}

function placeResident(arena: Arena, rows: number, width: number): ResidentTensor {
  const columns = padded(width)
  const [value, first, second] = [0, 1, 2].map(() => arena.floats(rows * columns))
  const addresses = { value: value.address, first: first.address, second: second.address }
  return {
    ...addresses,
    struct: placeTensor(arena, addresses),
    rows,
    width,
    padded: columns,
    views: { value: value.view, first: first.view, second: second.view },
  }
}

function copyIn(
  from: Float32Array | undefined,
  { rows, width, padded }: ResidentTensor,
  to: Float32Array,
): void {
  if (!from) return // checkState has seen to it
  if (width === padded) to.set(from)
  else for (let r = 0; r < rows; r++) to.set(from.subarray(r * width, (r + 1) * width), r * padded)
}

function copyOut({ rows, width, padded }: ResidentTensor, from: Float32Array): Float32Array {
  const out = new Float32Array(rows * width)
  if (width === padded) out.set(from)
  else for (let r = 0; r < rows; r++) out.set(from.subarray(r * padded, r * padded + width), r * width)
  return out
}
