import type { z } from 'zod'
import type { Architecture } from '#contract/sae.ts'
import type { SaeSpec } from '#contract/training.ts'
import { number } from '#figures/number.ts'

export type SpecInput = z.input<typeof SaeSpec>
/** By what a kind with a penalty is kept sparse: its weight, or an L0 that the weight is moved to. */
export type PenaltyBy = 'λ' | 'L0'

export interface Sweep {
  architectures: Architecture[]
  widths: number[]
  /** For the kinds that keep the k largest; empty: their default. */
  ks: number[]
  by: PenaltyBy
  /** λ, or L0 to reach, for the other kinds; empty: their default. */
  penalties: number[]
  learningRates: number[]
  seeds: number[]
  options: KindOptions
}

/** What belongs to some kinds only; null leaves the default. */
export interface KindOptions {
  cosine: number | null
  decoderNorm: 'unit' | 'free' | null
  resample: boolean
  auxK: number | null
  auxWeight: number | null
  bandwidth: number | null
  /** Widths of a matryoshka's inner dictionaries, the whole left out; empty: the default. */
  nested: number[]
}
export const NO_OPTIONS: KindOptions = {
  cosine: null,
  decoderNorm: null,
  resample: true,
  auxK: null,
  auxWeight: null,
  bandwidth: null,
  nested: [],
}

export interface ArchitectureWords {
  value: Architecture
  label: string
  /** One sentence: what it does. */
  text: string
  keepsLargest: boolean
}
export const ARCHITECTURES: ArchitectureWords[] = [
  { value: 'topk', label: 'TopK', text: 'Keeps the k largest features of each token.', keepsLargest: true },
  {
    value: 'batchtopk',
    label: 'BatchTopK',
    text: 'Keeps the k largest per token on average over a batch; a threshold at the end.',
    keepsLargest: true,
  },
  {
    value: 'matryoshka',
    label: 'Matryoshka',
    text: 'Nested dictionaries: each width reconstructs on its own (BatchTopK inside).',
    keepsLargest: true,
  },
  {
    value: 'standard',
    label: 'Standard (ReLU, L1)',
    text: 'ReLU features with an L1 penalty.',
    keepsLargest: false,
  },
  {
    value: 'jumprelu',
    label: 'JumpReLU',
    text: 'A learned threshold for each feature.',
    keepsLargest: false,
  },
  {
    value: 'gated',
    label: 'Gated',
    text: 'Which features fire and how strongly are learned apart.',
    keepsLargest: false,
  },
  {
    value: 'tied',
    label: 'Tied (ReLU, L1)',
    text: 'The encoder is the decoder, transposed.',
    keepsLargest: false,
  },
]
export const keepsLargest = (architecture: Architecture): boolean =>
  ARCHITECTURES.some((one) => one.value === architecture && one.keepsLargest)

/** Leaves out what is null, so that the engine's defaults hold. */
export const given = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }

/** The options that a kind has at a width, of all. */
function optionsOf(architecture: Architecture, width: number, options: KindOptions): Partial<SpecInput> {
  const { cosine, decoderNorm, auxK, auxWeight, bandwidth, nested } = options
  if (architecture === 'tied') return given({ cosine })
  const untied = given({ cosine, decoderNorm })
  if (keepsLargest(architecture)) {
    const widths = architecture === 'matryoshka' && nested.length > 0 ? [...nested, width] : null
    return { ...untied, ...given({ auxK, auxWeight, widths }) }
  }
  if (architecture === 'jumprelu') return { ...untied, ...given({ bandwidth }) }
  if (architecture === 'standard' && !options.resample) return { ...untied, resample: false }
  return untied
}

function amountsOf(architecture: Architecture, { ks, by, penalties }: Sweep): Partial<SpecInput>[] {
  const amounts = keepsLargest(architecture)
    ? ks.map((k) => ({ k }))
    : penalties.map((amount) => (by === 'L0' ? { targetL0: amount } : { sparsity: amount }))
  return amounts.length > 0 ? amounts : [{}]
}

/** Every combination of kinds, widths, sparsities, learning rates and seeds, in that order. */
export function specsOf(sweep: Sweep): SpecInput[] {
  const rates = sweep.learningRates.length > 0 ? sweep.learningRates : [null]
  const seeds = sweep.seeds.length > 0 ? sweep.seeds : [0]
  return sweep.architectures.flatMap((architecture) => {
    return sweep.widths.flatMap((width) => {
      const own = optionsOf(architecture, width, sweep.options)
      return amountsOf(architecture, sweep).flatMap((amount) =>
        rates.flatMap((learningRate) =>
          seeds.map(
            (seed) =>
              ({ architecture, width, seed, ...amount, ...given({ learningRate }), ...own }) as SpecInput,
          ),
        ),
      )
    })
  })
}

/** "3 widths × 2 values of k × 2 seeds": the lists that have more than one. */
export function sweepInWords({
  architectures,
  widths,
  ks,
  by,
  penalties,
  learningRates,
  seeds,
}: Sweep): string {
  const part = (n: number, many: string): string[] => (n > 1 ? [`${n} ${many}`] : [])
  const amounts = [
    ...(architectures.some(keepsLargest) ? part(ks.length, 'values of k') : []),
    ...(architectures.every(keepsLargest) ? [] : part(penalties.length, `values of ${by}`)),
  ]
  return [
    ...part(architectures.length, 'kinds'),
    ...part(widths.length, 'widths'),
    ...(amounts.length > 1 ? [`(${amounts.join(', ')})`] : amounts),
    ...part(learningRates.length, 'learning rates'),
    ...part(seeds.length, 'seeds'),
  ].join(' × ')
}

/** How sparse an SAE of a run was asked to be: "k 32", "λ 0.005", "L0 → 40". */
export function sparsityInWords(spec: SaeSpec): string {
  if ('k' in spec) return `k ${spec.k}`
  if (spec.targetL0 !== null) return `L0 → ${spec.targetL0}`
  return spec.sparsity === null ? 'λ by default' : `λ ${number(spec.sparsity, 3)}`
}
