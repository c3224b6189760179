// How rotary frequencies are stretched for contexts longer than those a model was first trained on.
// https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py
import { z } from 'zod'

/** Radians a position turns each pair of dimensions by, and what cosines and sines are multiplied by. */
export interface Frequencies {
  /** [rotaryDim / 2] */
  frequencies: Float32Array
  scale: number
  /** Other frequencies, for rows of more tokens than this. */
  beyond?: { context: number; frequencies: Float32Array }
}

/** What a kind of scaling starts from. */
export interface Unscaled {
  theta: number
  /** Dimensions of each head that turn. */
  dim: number
  /** `max_position_embeddings` */
  contextSize: number
  /** The context of the first training. */
  trained: number
}

/** Rounds as PyTorch does after every operation: see `wavelengths`. */
const f = Math.fround

/**
 * theta^(2i / dim), rounded where PyTorch rounds: at the thousandth position a difference in the last bit of a
 * frequency is one in the fourth decimal of an activation.
 */
function wavelengths({ theta, dim }: Unscaled): Float32Array {
  return Float32Array.from({ length: Math.ceil(dim / 2) }, (_, i) => theta ** f((2 * i) / dim))
}
const unscaled = (from: Unscaled): Float32Array => wavelengths(from).map((wavelength) => 1 / wavelength)

/** The numbers of a kind of scaling in config.json, and what they make of the frequencies. */
interface Scaling<S extends z.ZodType> {
  numbers: S
  scale(numbers: z.output<S>, from: Unscaled): Frequencies
}
const scaling = <S extends z.ZodType>(numbers: S, scale: Scaling<S>['scale']) => ({
  /** @returns null where config.json lacks its numbers */
  read(raw: unknown, from: Unscaled): Frequencies | null {
    const parsed = numbers.safeParse(raw)
    return parsed.success ? scale(parsed.data, from) : null
  },
})

const positive = z.number().positive()

const none = scaling(z.unknown(), (_, from) => ({ frequencies: unscaled(from), scale: 1 }))

const linear = scaling(z.object({ factor: positive }), ({ factor }, from) => ({
  frequencies: unscaled(from).map((frequency) => frequency / factor),
  scale: 1,
}))

/** Llama 3.1: long wavelengths are stretched by `factor`, short ones kept, those between blended. */
const llama3 = scaling(
  z.object({ factor: positive, low_freq_factor: positive, high_freq_factor: positive }),
  ({ factor, low_freq_factor: low, high_freq_factor: high }, from) => ({
    scale: 1,
    frequencies: unscaled(from).map((frequency) => {
      const wavelength = f(f(2 * Math.PI) / frequency)
      if (wavelength < from.trained / high) return frequency
      if (wavelength > from.trained / low) return frequency / factor
      const blend = f(f(f(from.trained / wavelength) - low) / (high - low))
      return f(f(f(1 - blend) * frequency) / factor) + f(blend * frequency)
    }),
  }),
)

const Yarn = z.object({
  factor: positive.nullish(),
  attention_factor: positive.nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  beta_fast: z.number().nullish(),
  beta_slow: z.number().nullish(),
  truncate: z.boolean().default(true),
})

/** What attention is made sharper by when a context grows by `factor`. */
const yarnMagnitude = (factor: number, weight = 1): number =>
  factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1

function yarnScale(
  { attention_factor: given, mscale, mscale_all_dim: all }: z.infer<typeof Yarn>,
  factor: number,
): number {
  return (
    given ??
    (mscale && all ? yarnMagnitude(factor, mscale) / yarnMagnitude(factor, all) : yarnMagnitude(factor))
  )
}

/** YaRN: pairs that turn often in the trained context are kept, rare ones stretched, a ramp over the pairs between. */
const yarn = scaling(Yarn, (numbers, from) => {
  const { theta, dim, trained } = from
  const factor = numbers.factor ?? from.contextSize / trained
  const pairTurning = (turns: number): number =>
    (dim * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
  const fast = pairTurning(numbers.beta_fast || 32)
  const slow = pairTurning(numbers.beta_slow || 1)
  const low = Math.max(0, numbers.truncate ? Math.floor(fast) : fast)
  const high = Math.min(dim - 1, numbers.truncate ? Math.ceil(slow) : slow)
  const width = low === high ? 0.001 : high - low
  return {
    scale: yarnScale(numbers, factor),
    frequencies: wavelengths(from).map((wavelength, pair) => {
      const kept = f(1 - Math.min(1, Math.max(0, f(f(pair - f(low)) / f(width)))))
      return f(f(1 / f(factor * wavelength)) * f(1 - kept)) + f(f(1 / wavelength) * kept)
    }),
  }
})

const LongRope = z.object({
  short_factor: z.array(positive),
  long_factor: z.array(positive),
  factor: positive.nullish(),
  attention_factor: positive.nullish(),
})

/** LongRoPE: a factor for each pair, one list up to the trained context and another for longer rows. */
const longrope = scaling(LongRope, (numbers, from) => {
  const factor = numbers.factor ?? from.contextSize / from.trained
  const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(from.trained))
  const by = (factors: readonly number[]): Float32Array =>
    wavelengths(from).map((wavelength, pair) => 1 / f(f(factors[pair]) * wavelength))
  return {
    scale: numbers.attention_factor ?? usual,
    frequencies: by(numbers.short_factor),
    beyond: { context: from.trained, frequencies: by(numbers.long_factor) },
  }
})

/** By the names config.json uses. */
export const SCALINGS: Readonly<Record<string, ReturnType<typeof scaling>>> = {
  default: none,
  // Dynamic scaling begins beyond max_position_embeddings, where no context reaches.
  dynamic: none,
  linear,
  llama3,
  yarn,
  longrope,
}
