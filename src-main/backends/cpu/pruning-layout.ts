import type { TraineeConfig } from '../../sae/backend.ts'
import type { Arena } from './arena.ts'
import { auxKOf } from './capacity.ts'
import { placeQuantised, type Quantised } from './pruned-encoder.ts'
import { placeSample, type SampleLayout } from './sample.ts'

/** Up to this share of the dictionary the dead features' encoder rows are copied together for their own product. */
const MOST_DEAD = 0.25
/** Smaller dictionaries and inputs gain nothing: looking through 8-bit products costs as much as exact ones. */
const LEAST_WIDTH = 256
const LEAST_FEATURES = 4096

/** Rows side by side of the dead features (addresses), for the second choice of aux-k. */
export interface DeadRows {
  /** [most, d] */
  encoder: number
  /** [most] each: b_enc, and the feature's number. */
  bias: number
  numbers: number
  most: number
}

/** What pruning needs that all threads share (addresses). */
export interface PruningLayout {
  quantised: Quantised
  /** One float: how high above 0, per ‖x‖, the k largest are looked for. */
  floorPerNorm: number
  /** One number: blocks of this step that were pruned. */
  blocks: number
  dead: DeadRows | null
  sample: SampleLayout | null
}

export const paysToPrune = (d: number, features: number): boolean =>
  d >= LEAST_WIDTH && features >= LEAST_FEATURES

export function placePruning(arena: Arena, config: TraineeConfig, d: number): PruningLayout {
  const features = config.dSae
  const withDead = auxKOf(config) > 0
  const most = Math.max(1, Math.floor(features * MOST_DEAD))
  const dead = {
    encoder: withDead ? arena.reserve(most * d * 4) : 0,
    bias: arena.reserve(most * 4),
    numbers: arena.reserve(most * 4),
    most,
  }
  return {
    quantised: placeQuantised(arena, features, d),
    floorPerNorm: arena.reserve(4),
    blocks: arena.reserve(4),
    dead: withDead ? dead : null,
    sample: placeSample(arena, config, d),
  }
}
