import type { TraineeConfig } from '../../sae/backend.ts'
import type { Arena } from './arena.ts'
import { blockRows, type Choice, type EntryStore } from './block-encoder.ts'
import {
  auxKOf,
  DENSE_FEATURES,
  entriesPerRow,
  FORWARD_ROWS,
  groupEndsOf,
  UPDATE_FEATURES,
} from './capacity.ts'
import { placePruning, type PruningLayout } from './pruning-layout.ts'
import type { ResidentState } from './resident-state.ts'
import { placeCodes, SUMS_BYTES } from './structs.ts'
import { placeThread, type ThreadScratch } from './thread-scratch.ts'

/** A batch's sparse codes: where they are (addresses), also as a struct for the kernels. */
export interface CodesLayout extends EntryStore {
  struct: number
  /** [features] used while columns are filled. */
  columnNext: number
  /** A float per entry, free until the forward pass. */
  spare: number
  /** Entry places per row. */
  perRow: number
}

/** Arrays of one batch and one number per feature (addresses). */
interface Arrays {
  /** [batchTokens, d] each; error has one per group of a matryoshka. */
  x: number
  centred: number
  error: number
  auxError: number
  squaredErrors: number
  /** [features] each. */
  cut: number
  /** b_enc of the dead features, −∞ for the living. */
  deadBias: number
  fires: number
  sum: number
  biasGradient: number
  extra1Gradient: number
  extra2Gradient: number
  /** [batchTokens] features that fire. */
  active: number
  /** [features, d] of the cosine penalty; not touched, so not paid for, without it. */
  cosineGradient: number
  /** [groups] where each nested dictionary ends. */
  groupEnd: number
}

/** Sums made part by part and added up in order (addresses). */
interface PartialSums {
  /** float64 [d] each per block. */
  columnSums: number
  columnSquares: number
  /** Struct Sums and a float row [d] per part. */
  forwardSums: number
  errorSums: number
  updateSums: number
  biasSums: number
  /** float64 per part of an update. */
  cosineSums: number
}

/** Everything a thread must know to take part in a step: addresses and sizes, sent to the workers once. */
export interface Layout {
  /** The step's struct. */
  step: number
  /** Padded to a multiple of 4. */
  d: number
  features: number
  batchTokens: number
  groups: number
  choice: Choice
  gated: boolean
  encoder: number
  decoder: number
  bEnc: number
  arrays: Arrays
  codes: CodesLayout
  dead: CodesLayout | null
  partial: PartialSums
  /** Absent where pruning does not pay or would not be exact. */
  pruning: PruningLayout | null
  threads: ThreadScratch[]
}

export interface LayoutOptions {
  batchTokens: number
  threads: number
  workingMemory: number
  pruned: boolean
}

function placeCodesOf(arena: Arena, config: TraineeConfig, rows: number, perRow: number): CodesLayout {
  const words = (count: number): number => arena.reserve(count * 4)
  const perEntry = (wanted = true): number => (wanted ? words(rows * perRow) : 0)
  const { architecture, dSae } = config
  const codes = {
    rowStart: words(rows),
    rowCount: words(rows),
    feature: perEntry(),
    value: perEntry(),
    gradient: perEntry(),
    extra: perEntry(architecture === 'jumprelu' || architecture === 'gated'),
    gate: perEntry(architecture === 'gated'),
    columnStart: words(dSae + 1),
    columnRow: perEntry(),
    columnEntry: perEntry(),
  }
  return {
    ...codes,
    struct: placeCodes(arena, codes),
    columnNext: words(dSae),
    spare: codes.gradient,
    perRow,
  }
}

function placeArrays(arena: Arena, config: TraineeConfig, d: number, batchTokens: number): Arrays {
  const floats = (count: number): number => arena.reserve(count * 4)
  const batch = (copies = 1): number => floats(copies * batchTokens * d)
  const perFeature = (): number => floats(config.dSae)
  const groupEnds = groupEndsOf(config)
  const groupEnd = arena.words(groupEnds.length)
  groupEnd.view.set(groupEnds)
  return {
    x: batch(),
    centred: batch(),
    error: batch(groupEnds.length),
    auxError: config.architecture === 'gated' || auxKOf(config) > 0 ? batch() : 0,
    squaredErrors: floats(batchTokens),
    cut: perFeature(),
    deadBias: perFeature(),
    fires: perFeature(),
    sum: perFeature(),
    biasGradient: perFeature(),
    extra1Gradient: perFeature(),
    extra2Gradient: perFeature(),
    active: floats(batchTokens),
    cosineGradient: floats(config.dSae * d),
    groupEnd: groupEnd.address,
  }
}

function placePartialSums(arena: Arena, features: number, d: number, batchTokens: number): PartialSums {
  const blocks = Math.ceil(batchTokens / blockRows(batchTokens))
  const forwards = Math.max(blocks, Math.ceil(batchTokens / FORWARD_ROWS))
  const updates = Math.ceil(features / Math.min(UPDATE_FEATURES, DENSE_FEATURES))
  return {
    columnSums: arena.reserve(blocks * d * 8),
    columnSquares: arena.reserve(blocks * d * 8),
    forwardSums: arena.reserve(forwards * SUMS_BYTES),
    errorSums: arena.reserve(forwards * d * 4),
    updateSums: arena.reserve(updates * SUMS_BYTES),
    biasSums: arena.reserve(updates * d * 4),
    cosineSums: arena.reserve(updates * 8),
  }
}

/**
 * Lays out what a step needs beside the state.
 * @param step address of the step's struct, to be filled from this
 */
export function placeLayout(
  arena: Arena,
  config: TraineeConfig,
  state: ResidentState,
  step: number,
  options: LayoutOptions,
): Layout {
  const { batchTokens, threads, pruned } = options
  const { d } = state
  const block = blockRows(batchTokens)
  const rows = Math.ceil(batchTokens / block) * block
  const perRow = entriesPerRow(config, options)
  const auxK = auxKOf(config)
  const arrays = placeArrays(arena, config, d, batchTokens)
  const bEnc = state.bEnc.value
  const pruning = pruned ? placePruning(arena, config, d) : null
  const shared = pruning && { ...pruning, bias: bEnc, cut: arrays.cut }
  const size = { d, batchTokens, perRow, pruning: shared }
  return {
    step,
    d,
    features: config.dSae,
    batchTokens,
    groups: groupEndsOf(config).length,
    choice: config.architecture === 'topk' ? { by: 'largest', k: perRow } : { by: 'cut', cut: arrays.cut },
    gated: config.architecture === 'gated',
    encoder: state.encoder.value,
    decoder: state.decoder.value,
    bEnc,
    arrays,
    codes: placeCodesOf(arena, config, rows, perRow),
    dead: auxK > 0 ? placeCodesOf(arena, config, rows, auxK) : null,
    partial: placePartialSums(arena, config.dSae, d, batchTokens),
    pruning,
    threads: Array.from({ length: threads }, () => placeThread(arena, config, size)),
  }
}
