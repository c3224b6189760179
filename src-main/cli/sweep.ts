import { problem } from '#contract/problem.ts'
import { Architecture } from '#contract/sae.ts'
import type { TrainRequest } from '#contract/training.ts'

type Spec = TrainRequest['saes'][number]

/** The options that describe SAEs, as typed; lists make a grid. */
export interface SweepOptions {
  kind?: string[]
  width?: string[]
  k?: string[]
  l1?: string[]
  targetL0?: string[]
  lr?: string[]
  seed?: string[]
  decoderNorm?: string
  auxK?: string
  auxWeight?: string
  resample?: boolean
  bandwidth?: string
  thresholdRate?: string
  nested?: string
  cosine?: string
}

/** A number as typed. @throws Problem naming the option */
export function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isNaN(value)) throw problem('bad-input', option, `"${text}" is not a number`)
  return value
}

/** A whole number as typed. @throws Problem naming the option */
export function wholeOf(option: string, text: string | undefined): number | undefined {
  const value = numberOf(option, text)
  if (value === undefined || Number.isSafeInteger(value)) return value
  throw problem('bad-input', option, `"${text}" is not a whole number`)
}

const words = (texts: readonly string[] = []): string[] =>
  texts.flatMap((text) => text.split(',')).map((word) => word.trim())
const numbers = (option: string, texts: readonly string[] | undefined): number[] =>
  words(texts).map((word) => numberOf(option, word) as number)
const wholes = (option: string, texts: readonly string[] | undefined): number[] =>
  words(texts).map((word) => wholeOf(option, word) as number)

/** Every combination of one choice from each list; an empty list is no choice, but one combination. */
function combinations(lists: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(lists).reduce<Record<string, unknown>[]>(
    (grid, [name, choices]) =>
      choices.length === 0
        ? grid
        : grid.flatMap((cell) => choices.map((choice) => ({ ...cell, [name]: choice }))),
    [{}],
  )
}

function architectures(kinds: readonly string[] | undefined): Architecture[] {
  const list = words(kinds)
  if (list.length === 0)
    throw problem('bad-input', '--kind', 'none was given', `Choose from ${Architecture.options.join(', ')}.`)
  return list.map((word) => {
    const kind = Architecture.safeParse(word)
    if (!kind.success)
      throw problem(
        'bad-input',
        '--kind',
        `"${word}" is no kind of SAE`,
        `Choose from ${Architecture.options.join(', ')}.`,
      )
    return kind.data
  })
}

/** What belongs to a kind, and to no other. */
function optionsOf(kind: Architecture, options: SweepOptions): Record<string, unknown> {
  const keepsLargest = {
    auxK: wholeOf('--aux-k', options.auxK),
    auxWeight: numberOf('--aux-weight', options.auxWeight),
  }
  const thresholdRate = numberOf('--threshold-rate', options.thresholdRate)
  const { decoderNorm } = options
  switch (kind) {
    case 'tied':
      return {}
    case 'standard':
      return { decoderNorm, resample: options.resample }
    case 'gated':
      return { decoderNorm }
    case 'jumprelu':
      return { decoderNorm, bandwidth: numberOf('--bandwidth', options.bandwidth) }
    case 'topk':
      return { decoderNorm, ...keepsLargest }
    case 'batchtopk':
      return { decoderNorm, ...keepsLargest, thresholdRate }
    case 'matryoshka': {
      const widths = options.nested === undefined ? undefined : wholes('--nested', [options.nested])
      return { decoderNorm, ...keepsLargest, thresholdRate, widths }
    }
  }
}

const KEEPS_LARGEST: readonly Architecture[] = ['topk', 'batchtopk', 'matryoshka']

/** @throws Problem for an option that none of the kinds has: it was meant for another kind, or is misspelt */
function refuseUnused(kinds: readonly Architecture[], options: SweepOptions): void {
  const keeps = kinds.some((kind) => KEEPS_LARGEST.includes(kind))
  const penalised = kinds.some((kind) => !KEEPS_LARGEST.includes(kind))
  const unused =
    (!keeps && options.k && '--k') ||
    (!penalised && options.l1 && '--l1') ||
    (!penalised && options.targetL0 && '--target-l0')
  if (unused) throw problem('bad-input', unused, `no SAE of kind ${kinds.join(', ')} has it`, 'Leave it out.')
}

/** The grid of SAEs: kinds × widths × (k, or λ, or target L0) × learning rates × seeds. */
export function sweep(options: SweepOptions): Spec[] {
  const width = wholes('--width', options.width)
  if (width.length === 0)
    throw problem('bad-input', '--width', 'none was given', 'Say how many features the SAE is to have.')
  const shared = {
    width,
    learningRate: numbers('--lr', options.lr),
    seed: wholes('--seed', options.seed),
    cosine: options.cosine === undefined ? [] : numbers('--cosine', [options.cosine]),
  }
  const kinds = architectures(options.kind)
  refuseUnused(kinds, options)
  return kinds.flatMap((architecture) => {
    const amount: Record<string, number[]> = KEEPS_LARGEST.includes(architecture)
      ? { k: wholes('--k', options.k) }
      : { sparsity: numbers('--l1', options.l1), targetL0: numbers('--target-l0', options.targetL0) }
    const own = Object.entries(optionsOf(architecture, options)).filter(([, value]) => value !== undefined)
    return combinations({ ...shared, ...amount }).map(
      (cell) => ({ architecture, ...cell, ...Object.fromEntries(own) }) as Spec,
    )
  })
}
