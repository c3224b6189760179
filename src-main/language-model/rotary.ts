import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { SCALINGS, type Frequencies } from './rotary-scaling.ts'
import type { Rows } from './rows.ts'

/** The rotary part of a config.json, old (`rope_theta`, `rope_scaling`) and new (`rope_parameters`) spelling. */
const Parameters = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().nullish(),
  partial_rotary_factor: z.number().positive().max(1).nullish(),
  original_max_position_embeddings: z.number().positive().nullish(),
})
export const rotaryFields = {
  rope_theta: z.number().positive().optional(),
  rope_scaling: Parameters.nullish(),
  rope_parameters: Parameters.nullish(),
  original_max_position_embeddings: z.number().positive().nullish(),
}

export type Rotary = Frequencies
export interface RotaryConfig {
  rope_theta?: number | undefined
  rope_scaling?: z.infer<typeof Parameters> | null | undefined
  rope_parameters?: z.infer<typeof Parameters> | null | undefined
  original_max_position_embeddings?: number | null | undefined
}
interface RotaryShape {
  headDim: number
  contextSize: number
  /** Share of each head's dimensions that turn, where config.json does not say otherwise. */
  share?: number
  theta?: number
}

/** @throws Problem for a kind of scaling that is not implemented, or that lacks its numbers. */
export function rotaryOf(folder: string, config: RotaryConfig, shape: RotaryShape): Rotary {
  const parameters = config.rope_scaling ?? config.rope_parameters ?? {}
  const kind = parameters.rope_type ?? parameters.type ?? 'default'
  const scaling = Object.hasOwn(SCALINGS, kind) ? SCALINGS[kind] : undefined
  if (!scaling)
    throw problem(
      'unsupported',
      folder,
      `its rotary embedding uses "${kind}" scaling, which is not implemented (${Object.keys(SCALINGS).join(', ')} are)`,
    )
  const { headDim, contextSize } = shape
  const rotary = scaling.read(parameters, {
    theta: parameters.rope_theta ?? config.rope_theta ?? shape.theta ?? 10_000,
    dim: Math.trunc(headDim * (parameters.partial_rotary_factor ?? shape.share ?? 1)),
    contextSize,
    trained:
      config.original_max_position_embeddings ?? parameters.original_max_position_embeddings ?? contextSize,
  })
  if (!rotary || [rotary, rotary.beyond].some((made) => made?.frequencies.some(Number.isNaN)))
    throw problem(
      'bad-file',
      folder,
      `config.json's ${kind} rotary scaling lacks its numbers: ${JSON.stringify(parameters)}`,
    )
  return rotary
}

/** Cosines and sines of every position: each [context, rotaryDim / 2]. */
export interface RotaryTables {
  cos: Value
  sin: Value
  /** Dimensions of each head that turn. */
  dim: number
}
export function rotaryTables(graph: GraphBuilder, rotary: Rotary, rows: Rows): RotaryTables {
  const { frequencies, scale, beyond } = rotary
  const row = (values: Float32Array): Value => graph.floats([1, values.length], values)
  const isBeyond = beyond && graph.node('Greater', [rows.context, graph.int32(beyond.context)])
  const turning =
    beyond && isBeyond
      ? graph.node('Where', [isBeyond, row(beyond.frequencies), row(frequencies)])
      : row(frequencies)
  const column = graph.node('Unsqueeze', [graph.cast(rows.positions, 'f32'), graph.ints([1])])
  const angles = graph.mul(column, turning)
  const table = (op: 'Cos' | 'Sin'): Value => {
    const values = graph.node(op, [angles])
    return scale === 1 ? values : graph.mul(values, graph.float(scale))
  }
  return { cos: table('Cos'), sin: table('Sin'), dim: 2 * frequencies.length }
}
