import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'

/** The rotary part of a config.json, old (`rope_theta`, `rope_scaling`) and new (`rope_parameters`) spelling. */
const Scaling = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().nullish(),
  partial_rotary_factor: z.number().positive().max(1).nullish(),
})
export const rotaryFields = {
  rope_theta: z.number().positive().optional(),
  rope_scaling: Scaling.nullish(),
  rope_parameters: Scaling.nullish(),
}
const Linear = z.looseObject({ factor: z.number().positive() })
const Llama3 = z.looseObject({
  factor: z.number().positive(),
  low_freq_factor: z.number().positive(),
  high_freq_factor: z.number().positive(),
  original_max_position_embeddings: z.number().positive().optional(),
})

export interface Rotary {
  /** Radians a position turns each pair of dimensions by: [rotaryDim / 2]. */
  frequencies: Float32Array
}
export interface RotaryConfig {
  rope_theta?: number | undefined
  rope_scaling?: z.infer<typeof Scaling> | null | undefined
  rope_parameters?: z.infer<typeof Scaling> | null | undefined
}
interface RotaryShape {
  headDim: number
  contextSize: number
  /** Share of each head's dimensions that turn, where config.json does not say otherwise. */
  share?: number
  theta?: number
}

/**
 * Llama 3.1: long wavelengths are stretched by `factor`, short ones kept, those between blended.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py
 */
function llama3(
  frequencies: Float32Array,
  scaling: z.infer<typeof Llama3>,
  contextSize: number,
): Float32Array {
  const { factor, low_freq_factor: low, high_freq_factor: high } = scaling
  const trained = scaling.original_max_position_embeddings ?? contextSize
  return frequencies.map((frequency) => {
    const turns = (trained * frequency) / (2 * Math.PI)
    if (turns > high) return frequency
    if (turns < low) return frequency / factor
    const blend = (turns - low) / (high - low)
    return ((1 - blend) * frequency) / factor + blend * frequency
  })
}

/** @throws Problem for a kind of scaling that is not implemented. */
export function rotaryOf(folder: string, config: RotaryConfig, shape: RotaryShape): Rotary {
  const scaling = config.rope_scaling ?? config.rope_parameters ?? {}
  const kind = scaling.rope_type ?? scaling.type ?? 'default'
  const theta = scaling.rope_theta ?? config.rope_theta ?? shape.theta ?? 10_000
  const dim = Math.trunc(shape.headDim * (scaling.partial_rotary_factor ?? shape.share ?? 1))
  const frequencies = Float32Array.from({ length: Math.ceil(dim / 2) }, (_, i) => theta ** (-(2 * i) / dim))
  const broken = (): never => {
    throw problem(
      'bad-file',
      folder,
      `config.json's ${kind} rotary scaling lacks its numbers: ${JSON.stringify(scaling)}`,
    )
  }
  switch (kind) {
    case 'default':
    // Dynamic scaling begins beyond max_position_embeddings, where no context reaches.
    case 'dynamic': // eslint-disable-line no-fallthrough
      return { frequencies }
    case 'linear': {
      const linear = Linear.safeParse(scaling)
      const factor = linear.success ? linear.data.factor : broken()
      return { frequencies: frequencies.map((frequency) => frequency / factor) }
    }
    case 'llama3': {
      const parsed = Llama3.safeParse(scaling)
      return { frequencies: llama3(frequencies, parsed.success ? parsed.data : broken(), shape.contextSize) }
    }
    default:
      throw problem(
        'unsupported',
        folder,
        `its rotary embedding uses "${kind}" scaling, which is not implemented (default, linear, dynamic and llama3 are)`,
      )
  }
}

/** Cosines and sines of every position: each [context, rotaryDim / 2]. */
export interface RotaryTables {
  cos: Value
  sin: Value
  /** Dimensions of each head that turn. */
  dim: number
}
export function rotaryTables(graph: GraphBuilder, { frequencies }: Rotary, positions: Value): RotaryTables {
  const column = graph.node('Unsqueeze', [graph.cast(positions, 'f32'), graph.ints([1])])
  const angles = graph.mul(column, graph.floats([1, frequencies.length], frequencies))
  return { cos: graph.node('Cos', [angles]), sin: graph.node('Sin', [angles]), dim: 2 * frequencies.length }
}
