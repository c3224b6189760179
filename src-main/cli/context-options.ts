import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Packing } from '#contract/corpus.ts'
import type { ModelDevice } from '#contract/model.ts'

export interface ContextFlags {
  context?: number
  bos?: boolean
  packing: Packing
  shuffle?: boolean
  seed: number
}

/** Where the model runs. */
export const deviceOption = (): Option =>
  new Option('--device <where>', 'where the model runs; auto: on a GPU where there is one that is worth it')
    .choices(['auto', 'cpu', 'webgpu'] satisfies ModelDevice[])
    .default('auto')

/** Why the model did not run where it was asked to; nothing where that was left to Suture. */
export const whyElsewhere = (
  device: ModelDevice,
  { ranOn, reason }: { ranOn?: unknown; reason?: unknown } = {},
): string[] =>
  device !== 'auto' && device !== ranOn && typeof reason === 'string'
    ? [`The model ran on the ${String(ranOn)}. ${reason}`]
    : []

/** A whole number as typed; `1_000_000`, `1e6`, `50k` and `2M` too. */
export function wholeNumber(text: string): number {
  const [, digits, unit] = /^(-?[\d_]+(?:\.\d+)?(?:e\d+)?)([kM]?)$/.exec(text) ?? []
  const value = Number(digits?.replaceAll('_', '')) * { '': 1, k: 1e3, M: 1e6 }[unit ?? '']!
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number is expected.')
  return value
}

/** The options that say how documents become rows of tokens. */
export const addContextOptions = (command: Command): Command =>
  command
    .option(
      '--context <n>',
      "tokens in a row (default: 128, the model's longest if shorter, or as fixed rows have)",
      wholeNumber,
    )
    .option('--bos', 'rows begin with BOS (default: as the model says)')
    .option('--no-bos', 'rows do not begin with BOS')
    .addOption(
      new Option('--packing <how>', 'documents one after the other, or the beginning of each as one row')
        .choices(['packed', 'document'])
        .default('packed'),
    )
    .option('--shuffle', 'in an order drawn by the seed')
    .option('--seed <n>', 'seed of the order', wholeNumber, 0)

/** The same in the contract's words. */
export const contextRequest = ({ context, bos, packing, shuffle, seed }: ContextFlags) => ({
  contextSize: context,
  prependBos: bos,
  packing,
  shuffle: shuffle ?? false,
  seed,
})
