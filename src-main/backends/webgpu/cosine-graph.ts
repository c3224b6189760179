import type { Value } from './graph.ts'
import type { StepValues } from './step-values.ts'

/** Features whose pairs with all others are looked at together. */
const CHUNK = 2048

/** The mean squared cosine of decoder rows that fire together, weighted, and its gradient (math/cosine-penalty.ts). */
export function cosineGradient(
  { g, config, directions, scalars }: StepValues,
  codes: Value,
): { value: Value; gradient: Value } {
  const fires = g.above(codes, g.number(0))
  const perToken = g.rowSums(fires)
  // Ordered pairs; at least one, so that nothing is divided by 0.
  const ordered = g.sum(g.mul(perToken, g.sub(perToken, g.number(1))))
  const pairs = g.whereAbove(ordered, g.number(1), ordered, g.number(1))
  const norms = g.sqrt(g.rowSums(g.square(directions)))
  const unit = g.div(directions, g.whereAbove(norms, g.number(0), norms, g.number(1)))
  const sums: Value[] = []
  const gradients: Value[] = []
  for (let from = 0; from < config.dSae; from += CHUNK) {
    const to = Math.min(config.dSae, from + CHUNK)
    const own = g.slice(unit, 0, from, to)
    const cosines = g.product(own, unit, { b: true })
    const weighted = g.mul(g.product(g.slice(fires, 1, from, to), fires, { a: true }), cosines)
    // Each row with itself is in there too: off the sum here, off the pull with all that lies along the row.
    const self = g.product(g.columnSums(g.slice(fires, 1, from, to)), g.rowSums(g.square(own)))
    sums.push(g.sub(g.sum(g.mul(weighted, cosines)), self))
    const pull = g.product(weighted, unit)
    const turned = g.sub(pull, g.mul(own, g.rowSums(g.mul(pull, own))))
    gradients.push(g.div(turned, g.slice(norms, 0, from, to)))
  }
  const weight = g.div(scalars.cosine, pairs)
  return {
    value: g.mul(g.total(sums), weight),
    // Ordered pairs meet every pair twice: 2·2/2.
    gradient: g.mul(g.mul(g.concat(gradients, 0), weight), g.number(4)),
  }
}
