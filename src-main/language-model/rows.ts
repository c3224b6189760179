import type { GraphBuilder, Value } from './graph-builder.ts'

/** What a graph knows about the rows of token ids it is given. */
export interface Rows {
  /** [rows, context] */
  ids: Value
  /** [rows, context, −1] as a shape: activations [rows·context, width] become [rows, context, width] by it. */
  byRow: Value
  /** 0 … context − 1. */
  positions: Value
  /** 0, as the rotary kernel wants to be told where rows begin. */
  firstPosition: Value
  /** The last position of each row: i32 [rows]. */
  lastPositions: Value
  /** i32 scalar. */
  context: Value
}

export const IDS = 'ids'

export function rowsOf(graph: GraphBuilder): Rows {
  const ids = graph.input(IDS, 'i32', ['rows', 'context'])
  const shape = graph.node('Shape', [ids])
  const part = (i: number): Value => graph.node('Gather', [shape, graph.ints([i])])
  const context = graph.node('Squeeze', [part(1)])
  const last = graph.node('Sub', [context, graph.int(1)])
  return {
    ids,
    byRow: graph.node('Concat', [shape, graph.ints([-1])], { attributes: { axis: { int: 0 } } }),
    positions: graph.node('Range', [graph.int(0), context, graph.int(1)]),
    firstPosition: graph.ints([0]),
    lastPositions: graph.cast(graph.node('Expand', [last, part(0)]), 'i32'),
    context: graph.cast(context, 'i32'),
  }
}
