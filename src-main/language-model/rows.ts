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
}

export const IDS = 'ids'

export function rowsOf(graph: GraphBuilder): Rows {
  const ids = graph.input(IDS, 'i32', ['rows', 'context'])
  const shape = graph.node('Shape', [ids])
  const context = graph.node('Squeeze', [graph.gather(shape, graph.ints([1]))])
  return {
    ids,
    byRow: graph.node('Concat', [shape, graph.ints([-1])], { attributes: { axis: { int: 0 } } }),
    positions: graph.node('Range', [graph.int(0), context, graph.int(1)]),
    firstPosition: graph.ints([0]),
  }
}
