import type { Graph, Value } from './graph.ts'
import type { StepValues } from './step-values.ts'

/** Halvings after which two neighbouring floats are left. */
const HALVINGS = 40

/** Pre-activations [B, F] to the codes of the kinds that keep the largest. */
export function keepLargest(values: StepValues, pre: Value): Value {
  const { g, config } = values
  const positive = g.relu(pre)
  if (config.architecture === 'topk') return keepLargestOfRows(g, positive, Math.min(config.k, config.dSae))
  if ('k' in config) return g.mul(positive, g.above(positive, batchCut(values, positive, config.k)))
  return positive
}

/** The k largest of each row of positive [B, F]; where several equal the k-th, all of them. */
export function keepLargestOfRows(g: Graph, positive: Value, k: number): Value {
  return g.mul(positive, g.atLeast(positive, g.kthLargest(positive, k)))
}

/**
 * The value that exactly the k·B largest exceed, [1, 1], by halving: at least so many exceed `low`, fewer `high`.
 * Counting is cheap where sorting B·F values is not.
 */
function batchCut({ g, scalars }: StepValues, positive: Value, k: number): Value {
  const wanted = g.mul(scalars.rows, g.number(k))
  let low = g.mul(wanted, g.number(0))
  let high = g.largest(positive)
  for (let i = 0; i < HALVINGS; i++) {
    const middle = g.mul(g.add(low, high), g.number(0.5))
    const count = g.sum(g.above(positive, middle))
    const tooMany = g.atLeast(count, wanted)
    low = g.add(low, g.mul(tooMany, g.sub(middle, low)))
    high = g.sub(high, g.mul(g.sub(g.number(1), tooMany), g.sub(high, middle)))
  }
  return low
}
