import { problem } from '#contract/problem.ts'
import type { SaeFormatName } from '#contract/sae.ts'
import type { TensorFile } from '../../store/tensor-file.ts'
import type { Claims, Layout } from './claims.ts'

/** The tensors of an SAE by SAELens' names, whatever a file calls them. */
export type Slot =
  | 'W_enc'
  | 'b_enc'
  | 'W_dec'
  | 'b_dec'
  | 'threshold'
  | 'b_gate'
  | 'b_mag'
  | 'r_mag'
  /** Old SAELens: multiplies the codes before decoding. */
  | 'scaling_factor'

/**
 * Where a slot's values are. A single value stands for all features; `exp` where a file keeps logarithms, `times` where
 * a release is known to need a factor.
 */
export type SlotValues =
  { file: TensorFile; name: string; exp?: boolean; times?: number } | { constant: number }

/** An SAE found in files: which tensor is which, and every decision about their meaning. Nothing large is read yet. */
export interface Found {
  format: SaeFormatName
  /** The folder or file it is in. */
  path: string
  dIn: number
  dSae: number
  slots: Partial<Record<Slot, SlotValues>>
  claims: Claims
  /** matryoshka: sizes of the nested dictionaries, ascending. */
  prefixes?: number[]
  /** What a person should know before importing it, a sentence each. */
  warnings: string[]
  /** What else the file says of itself (dataset, Neuronpedia id, …), kept when it is saved again. */
  metadata: Record<string, unknown>
}

/** Slots from the names that a file uses, those that it has. */
export function slotsNamed(file: TensorFile, names: Partial<Record<Slot, string>>): Found['slots'] {
  const present = Object.entries(names).filter(([, name]) => file.tensors.has(name))
  return Object.fromEntries(present.map(([slot, name]) => [slot, { file, name }]))
}

/**
 * d_in and d_sae from the shape of the encoder matrix. @throws Problem when there is none, or it is not a matrix.
 * @param layout which of its dimensions is d_sae
 */
export function sizesOf(file: TensorFile, name: string, layout: Layout): { dIn: number; dSae: number } {
  const shape = file.tensors.get(name)?.shape
  if (shape?.length !== 2) {
    const has = shape
      ? `"${name}" of shape [${shape.join(', ')}]`
      : `no "${name}" (it has ${[...file.tensors.keys()].slice(0, 12).join(', ')})`
    throw problem('bad-file', file.file, `it has ${has}; the encoder's matrix is expected`)
  }
  return layout === 'rows are features'
    ? { dSae: shape[0], dIn: shape[1] }
    : { dIn: shape[0], dSae: shape[1] }
}
