import type { TraineeConfig } from '../../sae/backend.ts'
import type { Arena } from './arena.ts'
import { blockRows, placeStage, tileFeatures, type Stage } from './block-encoder.ts'
import { auxKOf, choosesByBatch, DENSE_FEATURES, hasFixedL0, LEVELS } from './capacity.ts'
import { placePrunedScratch, type PrunedScratch, type Quantised } from './pruned-encoder.ts'
import { placeSampleStage, type SampleLayout } from './sample.ts'

/** Room for the dense step of one thread (addresses). */
export interface DenseScratch {
  /** [blockRows, tileFeatures]: the gate beside the encoder's tile. */
  gate: number
  /** [blockRows, d] each: two to alternate for the reconstruction, two for the gate's. */
  reconstructions: number[]
  /** [batchTokens, DENSE_FEATURES] each. */
  tile: number
  through: number
  gateThrough: number
  /** [DENSE_FEATURES, d] each. */
  encoderGradient: number
  decoderGradient: number
}

export interface ThreadScratch {
  /** Two rows. */
  rows: number
  /** [blockRows, tileFeatures] */
  tile: number
  stage: Stage
  deadStage: Stage | null
  /** [features] each, for the cosine penalty: who fires with a feature, and how often. */
  partners: number
  partnerCounts: number
  /** batchtopk, matryoshka: [LEVELS] counts of pre-activations by height. */
  levels: number
  pruned: PrunedScratch | null
  sampleStage: Stage | null
  /** For kinds whose L0 is not fixed. */
  dense: DenseScratch | null
}

export interface ThreadSize {
  d: number
  batchTokens: number
  /** Entries per row there is room for. */
  perRow: number
  /** What pruning shares between threads, with b_enc and the cuts (addresses); null without pruning. */
  pruning: { quantised: Quantised; sample: SampleLayout | null; bias: number; cut: number } | null
}

/** Places one thread's own room. */
export function placeThread(
  arena: Arena,
  config: TraineeConfig,
  { d, batchTokens, perRow, pruning }: ThreadSize,
): ThreadScratch {
  const reserve = (bytes: number): number => arena.reserve(bytes)
  const rows = blockRows(batchTokens)
  const by = config.architecture === 'topk' ? 'largest' : 'cut'
  const auxK = auxKOf(config)
  const gated = config.architecture === 'gated'
  const tile = rows * tileFeatures(config.dSae) * 4
  const column = batchTokens * DENSE_FEATURES * 4
  const gradient = DENSE_FEATURES * d * 4
  return {
    rows: reserve(2 * d * 4),
    tile: reserve(tile),
    partners: reserve(config.dSae * 4),
    partnerCounts: reserve(config.dSae * 4),
    stage: placeStage(reserve, { rows, features: config.dSae, by, perRow }),
    deadStage:
      auxK > 0 ? placeStage(reserve, { rows, features: config.dSae, by: 'largest', perRow: auxK }) : null,
    levels: choosesByBatch(config) ? reserve(LEVELS * 4) : 0,
    pruned:
      pruning &&
      placePrunedScratch(arena, pruning.quantised, {
        ...{ features: config.dSae, d, blockRows: rows, bias: pruning.bias, cut: pruning.cut },
        // The k largest are looked for from a little below the k-th on.
        perRow: by === 'largest' ? Math.max(4 * perRow, 128) : perRow,
      }),
    sampleStage: pruning?.sample ? placeSampleStage(arena, config.dSae, pruning.sample.perRow) : null,
    dense: hasFixedL0(config)
      ? null
      : {
          gate: gated ? reserve(tile) : 0,
          reconstructions: Array.from({ length: 4 }, () => reserve(rows * d * 4)),
          tile: reserve(column),
          through: reserve(column),
          gateThrough: gated ? reserve(column) : 0,
          encoderGradient: reserve(gradient),
          decoderGradient: reserve(gradient),
        },
  }
}
