import type { TraineeConfig } from '../../sae/backend.ts'
import type { Arena } from './arena.ts'
import {
  blockRows,
  placeStage,
  tileFeatures,
  type Choice,
  type EntryStore,
  type Stage,
} from './block-encoder.ts'
import type { ResidentState } from './resident-state.ts'
import { placeCodes, SUMS_BYTES } from './structs.ts'

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
  /** For kinds whose L0 is not fixed. */
  dense: DenseScratch | null
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
  /** float64 [d] and one number per block. */
  columnSums: number
  squares: number
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
  threads: ThreadScratch[]
}

export interface LayoutOptions {
  batchTokens: number
  threads: number
  workingMemory: number
}

/** Whether a kind's number of active features is bounded by its definition, so that it never needs a dense step. */
export const hasFixedL0 = ({ architecture }: TraineeConfig): boolean =>
  architecture === 'topk' || architecture === 'batchtopk' || architecture === 'matryoshka'

/** Whether the choice is made over the whole batch at once. */
export const choosesByBatch = ({ architecture }: TraineeConfig): boolean =>
  architecture === 'batchtopk' || architecture === 'matryoshka'

/** How many entries per row there is room for. */
function entriesPerRow(config: TraineeConfig, { batchTokens, workingMemory }: LayoutOptions): number {
  const { dSae } = config
  if (config.architecture === 'topk') return Math.min(config.k, dSae)
  const affordable = Math.max(1, Math.floor(workingMemory / 2 / ENTRY_BYTES / batchTokens))
  // What a cut lets through beside the batch's largest, and how unevenly they lie, is little against this.
  if ('k' in config) return Math.min(dSae, Math.max(affordable, 4 * config.k))
  return Math.min(affordable, Math.max(Math.ceil(dSae * SPARSE_SHARE), Math.min(dSae, 32)))
}

const auxKOf = (config: TraineeConfig): number => ('auxK' in config ? Math.min(config.auxK, config.dSae) : 0)

const groupEndsOf = (config: TraineeConfig): number[] =>
  config.architecture === 'matryoshka' ? config.widths : [config.dSae]

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
    squares: arena.reserve(blocks * 8),
    forwardSums: arena.reserve(forwards * SUMS_BYTES),
    errorSums: arena.reserve(forwards * d * 4),
    updateSums: arena.reserve(updates * SUMS_BYTES),
    biasSums: arena.reserve(updates * d * 4),
    cosineSums: arena.reserve(updates * 8),
  }
}

function placeThread(
  arena: Arena,
  config: TraineeConfig,
  d: number,
  perRow: number,
  batchTokens: number,
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
  const { batchTokens, threads } = options
  const { d } = state
  const block = blockRows(batchTokens)
  const rows = Math.ceil(batchTokens / block) * block
  const perRow = entriesPerRow(config, options)
  const auxK = auxKOf(config)
  const arrays = placeArrays(arena, config, d, batchTokens)
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
    bEnc: state.bEnc.value,
    arrays,
    codes: placeCodesOf(arena, config, rows, perRow),
    dead: auxK > 0 ? placeCodesOf(arena, config, rows, auxK) : null,
    partial: placePartialSums(arena, config.dSae, d, batchTokens),
    threads: Array.from({ length: threads }, () => placeThread(arena, config, d, perRow, batchTokens)),
  }
}
