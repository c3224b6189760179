import type { TensorFile } from '../../store/tensor-file.ts'
import type { Claims } from './claims.ts'

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

/** Where a slot's values are. A single value stands for all features; `exp` where a file keeps logarithms. */
export type SlotValues = { file: TensorFile; name: string; exp?: boolean } | { constant: number }

/** An SAE found in files: which tensor is which, and every decision about their meaning. Nothing large is read yet. */
export interface Found {
  /** The format's name, e.g. "saelens". */
  format: string
  /** The folder or file it is in. */
  path: string
  dIn: number
  dSae: number
  slots: Partial<Record<Slot, SlotValues>>
  claims: Claims
  /** matryoshka: sizes of the nested dictionaries, ascending. */
  prefixes?: number[]
  /** What else the file says of itself (dataset, Neuronpedia id, …), kept when it is saved again. */
  metadata: Record<string, unknown>
}
