import type { Arena } from './arena.ts'

// The structs of kernels/structs.ts: the same fields in the same order, 4 bytes each.

const CODES = [
  'rowStart',
  'rowCount',
  'feature',
  'value',
  'gradient',
  'extra',
  'gate',
  'columnStart',
  'columnRow',
  'columnEntry',
] as const
const BOUNDS = [
  'scales',
  'norms',
  'errors',
  'bias',
  'cut',
  'floors',
  'rowErrors',
  'rowNorms',
  'inverses',
  'limits',
] as const
const TENSOR = ['value', 'first', 'second'] as const
const STEP = [
  'rows',
  'd',
  'features',
  'activation',
  'groups',
  'groupEnd',
  'x',
  'centred',
  'error',
  'auxError',
  'codes',
  'auxCodes',
  'encoder',
  'bEnc',
  'decoder',
  'bDec',
  'extra1',
  'extra2',
  'weight',
  'derived',
  'fires',
  'sum',
  'biasGradient',
  'extra1Gradient',
  'extra2Gradient',
  'squaredErrors',
  'active',
  'cosineGradient',
  'cosineStride',
  'unitNorm',
  'tied',
  'errorScale',
  'penalty',
  'auxScale',
  'cosineScale',
  'bandwidth',
  'learningRate',
  'extra1Rate',
  'firstCorrection',
  'secondCorrection',
  'beta1',
  'beta2',
  'epsilon',
  'gradientScale',
] as const
/** From this field on STEP holds floats. */
const FIRST_REAL = STEP.indexOf('errorScale')

export const STEP_BYTES = STEP.length * 4

export type CodesFields = Record<(typeof CODES)[number], number>
export type BoundsFields = Record<(typeof BOUNDS)[number], number>
export type TensorFields = Record<(typeof TENSOR)[number], number>
export type StepFields = Record<(typeof STEP)[number], number>

/** Writes a struct into the memory. @returns its address */
function place<F extends string>(arena: Arena, names: readonly F[], fields: Record<F, number>): number {
  const { address, view } = arena.words(names.length)
  names.forEach((name, i) => (view[i] = fields[name]))
  return address
}

export const placeCodes = (arena: Arena, fields: CodesFields): number => place(arena, CODES, fields)
export const placeTensor = (arena: Arena, fields: TensorFields): number => place(arena, TENSOR, fields)
export const placeBounds = (arena: Arena, fields: BoundsFields): number => place(arena, BOUNDS, fields)

/** The struct of a step, of which some fields change every time. */
export class StepStruct {
  readonly address: number
  readonly #words: Uint32Array
  readonly #reals: Float32Array

  constructor(arena: Arena) {
    const { address, view } = arena.words(STEP.length)
    this.address = address
    this.#words = view
    this.#reals = new Float32Array(view.buffer, address, STEP.length)
  }

  set(fields: Partial<StepFields>): void {
    for (const [name, value] of Object.entries(fields)) {
      const i = STEP.indexOf(name as keyof StepFields)
      if (i < 0) continue
      if (i < FIRST_REAL) this.#words[i] = value
      else this.#reals[i] = value
    }
  }
}

/** Struct Sums: six float64 numbers. */
export const SUMS = ['squaredError', 'reconstruction', 'sparsity', 'aux', 'count', 'gradientSquares'] as const
export type Sums = Record<(typeof SUMS)[number], number>
export const SUMS_BYTES = SUMS.length * 8
