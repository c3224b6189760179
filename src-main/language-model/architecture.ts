import type { Family } from '#contract/model.ts'
import type { Expected } from './checkpoint.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import type { Rows } from './rows.ts'

/** Marks a place in the model: gives the value back, or what was put in instead of it. */
export type Hook = (name: string, value: Value) => Value

/** The parts of one model, drawn into one graph. Activations are [rows·context, width]. */
export interface Drawing {
  /** Calls `hook('hook_embed', …)` with the token embeddings; returns the residual stream before block 0. */
  embed(hook: Hook): Value
  /** From the residual stream to what attention adds to it; calls `hook('attn.hook_z', …)`. */
  attention(layer: number, residual: Value, hook: Hook): Value
  /** From the residual stream to what the MLP adds to it; calls `hook('mlp.hook_post', …)`. */
  mlp(layer: number, residual: Value, hook: Hook): Value
  finalNorm(residual: Value): Value
}

/** A model as its config.json describes it: its sizes, the tensors it needs, and how it is drawn. */
export interface Architecture {
  family: Family
  dModel: number
  layers: number
  heads: number
  headDim: number
  mlpWidth: number
  vocabSize: number
  contextSize: number
  /** Attention and MLP read the same residual stream, so there is none between them. */
  parallelResidual: boolean
  /** Every reader of the residual stream subtracts its mean, so the mean carries nothing. */
  ignoresMean: boolean
  /** Names of the weights of the final norm [dModel] and of the unembedding [vocab, dModel]. */
  finalNorm: string
  unembedding: string
  expected: Expected
  draw(graph: GraphBuilder, rows: Rows): Drawing
}

/** What a family may look at while it reads a config. */
export interface FolderFacts {
  folder: string
  /** Whether the weights hold a tensor of this name. */
  has(tensor: string): boolean
}

/** One file of families/ exports one of these. */
export interface FamilyDefinition {
  /** `model_type` in config.json. */
  modelTypes: readonly string[]
  /** @throws Problem where the config asks for something that is not implemented. */
  read(config: Readonly<Record<string, unknown>>, facts: FolderFacts): Architecture
}
