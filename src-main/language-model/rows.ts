import type { GraphBuilder, Value } from './graph-builder.ts'

/** What a graph knows about the rows of token ids it is given. */
export interface Rows {
  /** [rows, context] */
  ids: Value
  /** [rows, context, −1] as a shape: activations [rows·context, width] become [rows, context, width] by it. */
  byRow: Value
  /** 0 … context − 1. */
  positions: Value
  /** f32 [context, context]: 0 where the column is no later than the row, and far below 0 where it is. */
  future: Value
  /** 0, as the rotary kernel wants to be told where rows begin. */
  firstPosition: Value
  /** The last position of each row: i32 [rows]. */
  lastPositions: Value
  /** i32 scalar. */
  context: Value
  /** Rows are so long that another attention kernel is faster. */
  areLong: boolean
}

export const IDS = 'ids'
/** The graph input that takes the place of a hook point's value. */
export const GIVEN = 'given'

export function rowsOf(graph: GraphBuilder, areLong = false): Rows {
  const ids = graph.input(IDS, 'i32', ['rows', 'context'])
  const shape = graph.node('Shape', [ids])
  const size = (axis: number): Value => graph.gather(shape, graph.ints([axis]))
  const context = graph.node('Squeeze', [size(1)])
  const last = graph.node('Sub', [context, graph.int(1)])
  const positions = graph.node('Range', [graph.int(0), context, graph.int(1)])
  const each = graph.cast(positions, 'f32')
  const later = graph.node('Relu', [
    graph.node('Sub', [graph.reshape(each, [1, -1]), graph.reshape(each, [-1, 1])]),
  ])
  return {
    ids,
    byRow: graph.node('Concat', [shape, graph.ints([-1])], { attributes: { axis: { int: 0 } } }),
    positions,
    future: graph.mul(later, graph.float(-1e9)),
    firstPosition: graph.ints([0]),
    lastPositions: graph.cast(graph.node('Expand', [last, size(0)]), 'i32'),
    context: graph.cast(context, 'i32'),
    areLong,
  }
}
