import type { z } from 'zod'
import type { Architecture } from '#contract/sae.ts'
import type { SaeSpec } from '#contract/training.ts'

export type SpecInput = z.input<typeof SaeSpec>
/** By what an architecture is kept sparse. */
export type SparsityBy = 'k' | 'λ' | 'L0'

export interface Sweep {
  architecture: Architecture
  widths: number[]
  by: SparsityBy
  /** k, λ or L0 to reach; empty: the default of the architecture. */
  sparsities: number[]
  seeds: number[]
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

function sparsityOf({ architecture, by }: Sweep, sparsity: number | null): Record<string, number | null> {
  if (keepsLargest(architecture)) return { k: sparsity ?? 32 }
  if (sparsity === null) return {}
  return by === 'L0' ? { targetL0: sparsity } : { sparsity }
}

/** Every combination of widths, sparsities and seeds, in that order. */
export function specsOf(sweep: Sweep): SpecInput[] {
  const sparsities = sweep.sparsities.length > 0 ? sweep.sparsities : [null]
  return sweep.widths.flatMap((width) =>
    sparsities.flatMap((sparsity) =>
      sweep.seeds.map(
        (seed) =>
          ({ architecture: sweep.architecture, width, seed, ...sparsityOf(sweep, sparsity) }) as SpecInput,
      ),
    ),
  )
}

/** "3 widths × 2 k × 1 seed". */
export function sweepInWords({ widths, sparsities, seeds, by }: Sweep): string {
  const part = (n: number, one: string, many: string): string[] =>
    n > 1 ? [`${n} ${n === 1 ? one : many}`] : []
  const parts = [
    ...part(widths.length, 'width', 'widths'),
    ...part(sparsities.length, by, by === 'k' ? 'values of k' : `values of ${by}`),
    ...part(seeds.length, 'seed', 'seeds'),
  ]
  return parts.join(' × ')
}

/** How sparse an SAE of a run was asked to be: "k 32", "λ 0.005", "L0 → 40". */
export function sparsityInWords(spec: SaeSpec): string {
  if ('k' in spec) return `k ${spec.k}`
  if (spec.targetL0 !== null) return `L0 → ${spec.targetL0}`
  return spec.sparsity === null ? 'λ by default' : `λ ${spec.sparsity}`
}
