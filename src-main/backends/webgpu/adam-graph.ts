import { rateFactor } from '../../math/sae-parameters.ts'
import type { ParameterName } from '../../sae/backend.ts'
import type { Value } from './graph.ts'
import { stateName, type StepValues } from './step-values.ts'

/** Adam (arXiv 1412.6980, algorithm 1) on one tensor. */
export function adamUpdate(
  { g, config, scalars }: StepValues,
  name: ParameterName,
  gradient: Value,
): { value: Value; first: Value; second: Value } {
  const { beta1, beta2, epsilon } = config.adam
  const before = (of: 'value' | 'first' | 'second'): Value => stateName(of, name) as Value
  const follow = (mean: Value, beta: number, newest: Value): Value =>
    g.add(g.mul(mean, g.number(beta)), g.mul(newest, g.number(1 - beta)))
  const first = follow(before('first'), beta1, gradient)
  const second = follow(before('second'), beta2, g.square(gradient))
  const size = g.add(g.sqrt(g.mul(second, scalars.secondCorrection)), g.number(epsilon))
  const factor = g.number(rateFactor(name, config.dIn))
  const rate = g.mul(g.mul(scalars.firstCorrection, scalars.learningRate), factor)
  const move = g.div(g.mul(first, rate), size)
  return { value: g.sub(before('value'), move), first, second }
}
