import type { TraineeConfig } from '../../sae/backend.ts'

/** Rows of one part of the forward pass, features of one part of an update: fixed, so sums do not depend on threads. */
export const FORWARD_ROWS = 64
export const UPDATE_FEATURES = 256
/** Features of one part of a dense update. */
export const DENSE_FEATURES = 512
/** Above this share of features firing, dense products cost less than going from entry to entry (measured). */
const SPARSE_SHARE = 0.15
/** Bytes of an entry: feature, value, gradient, extra, gate, and its place in its column. */
const ENTRY_BYTES = 7 * 4
/** LEVELS of kernels/levels.ts. */
export const LEVELS = 1 << 15

/** Whether a kind's number of active features is bounded by its definition, so that it never needs a dense step. */
export const hasFixedL0 = ({ architecture }: TraineeConfig): boolean =>
  architecture === 'topk' || architecture === 'batchtopk' || architecture === 'matryoshka'

/** Whether the choice is made over the whole batch at once. */
export const choosesByBatch = ({ architecture }: TraineeConfig): boolean =>
  architecture === 'batchtopk' || architecture === 'matryoshka'

/** How many entries per row there is room for. */
export function entriesPerRow(
  config: TraineeConfig,
  { batchTokens, workingMemory }: { batchTokens: number; workingMemory: number },
): number {
  const { dSae } = config
  if (config.architecture === 'topk') return Math.min(config.k, dSae)
  const affordable = Math.max(1, Math.floor(workingMemory / 2 / ENTRY_BYTES / batchTokens))
  // What a cut lets through beside the batch's largest, and how unevenly they lie, is little against this.
  if ('k' in config) return Math.min(dSae, Math.max(affordable, 4 * config.k))
  return Math.min(affordable, Math.max(Math.ceil(dSae * SPARSE_SHARE), Math.min(dSae, 32)))
}

/** aux-k's features per token; 0 for kinds without it. */
export const auxKOf = (config: TraineeConfig): number =>
  'auxK' in config ? Math.min(config.auxK, config.dSae) : 0

/** Where the nested dictionaries end; one end for all but matryoshka. */
export const groupEndsOf = (config: TraineeConfig): number[] =>
  config.architecture === 'matryoshka' ? config.widths : [config.dSae]
