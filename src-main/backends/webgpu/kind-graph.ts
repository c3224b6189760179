import type { ParameterName } from '../../sae/backend.ts'
import { keepLargest, keepLargestOfRows } from './choice-graph.ts'
import type { Value } from './graph.ts'
import { parameter, type KindValues, type StepValues } from './step-values.ts'

// Forward and backward pass of each kind, dense, as in math/sae-loss.ts and math/sae-gradients.ts.

export function kindGraph(values: StepValues): KindValues {
  switch (values.config.architecture) {
    case 'gated':
      return gatedGraph(values)
    case 'jumprelu':
      return jumpGraph(values, values.config.bandwidth)
    default:
      return reluGraph(values)
  }
}

/** u = (x − b_dec) W_enc, [B, F] */
const products = ({ g, centred, parameters }: StepValues): Value =>
  g.product(centred, parameters.get('encoder') ?? centred, { b: true })

/** Mean over tokens: a total over B. */
const mean = ({ g, scalars }: StepValues, total: Value): Value => g.div(total, scalars.rows)

const factor = ({ g, scalars }: StepValues, weight: Value): Value => g.div(weight, scalars.rows)

/** [1, F] what a penalty on activations is weighted by. */
function penaltyWeights({ g, config, directions }: StepValues): Value {
  const free = 'decoderNorm' in config && config.decoderNorm === 'free'
  return free ? g.reshape(g.sqrt(g.rowSums(g.square(directions))), [1, config.dSae]) : g.number(1)
}

interface Reconstruction {
  /** [1, 1] mean over tokens, summed over the nested dictionaries */
  term: Value
  /** [B, 1] of the whole dictionary */
  squaredErrors: Value
  /** [B, d] x̂ − x of the whole dictionary */
  difference: Value
  /** [B, F] ∂/∂codes, [F, d] ∂/∂decoder, [1, d] ∂/∂b_dec */
  codes: Value
  decoder: Value
  bDec: Value
}

/** Each nested dictionary adds its features to the one before; a feature sees the errors of its own and all wider. */
function reconstruct(values: StepValues, codes: Value): Reconstruction {
  const { g, config, centred, directions, scalars } = values
  const ends = config.architecture === 'matryoshka' ? config.widths : [config.dSae]
  const groups = ends.map((end, i) => ({ from: ends[i - 1] ?? 0, to: end }))
  const codesOf = groups.map(({ from, to }) => (ends.length === 1 ? codes : g.slice(codes, 1, from, to)))
  const rowsOf = groups.map(({ from, to }) =>
    ends.length === 1 ? directions : g.slice(directions, 0, from, to),
  )
  const differences: Value[] = []
  for (const [i, own] of codesOf.entries()) {
    const part = g.product(own, rowsOf[i])
    differences.push(g.sub(i === 0 ? part : g.add(differences[i - 1], part), i === 0 ? centred : g.number(0)))
  }
  const squares = differences.map((difference) => g.rowSums(g.square(difference)))
  const scale = g.div(g.number(2), scalars.rows)
  // From the widest down.
  const errors: Value[] = []
  for (let i = groups.length - 1; i >= 0; i--)
    errors[i] = i === groups.length - 1 ? differences[i] : g.add(errors[i + 1], differences[i])
  const scaledErrors = errors.map((error) => g.mul(error, scale))
  return {
    term: mean(values, g.total(squares.map((square) => g.columnSums(square)))),
    squaredErrors: squares[squares.length - 1],
    difference: differences[differences.length - 1],
    codes: g.concat(scaledErrors.map((error, i) => g.product(error, rowsOf[i], { b: true })), 1), // prettier-ignore
    decoder: g.concat(scaledErrors.map((error, i) => g.product(codesOf[i], error, { a: true })), 0), // prettier-ignore
    bDec: g.columnSums(scaledErrors[0]),
  }
}

/** λ Σ_t a_tj ‖W_j‖/B pulls W_j along itself, where norms are free. */
function withNormPull(values: StepValues, decoder: Value, penalised: Value): Value {
  const { g, config, directions, scalars } = values
  if (!('decoderNorm' in config) || config.decoderNorm === 'unit') return decoder
  const norms = g.sqrt(g.rowSums(g.square(directions)))
  const sums = g.reshape(g.columnSums(penalised), [config.dSae, 1])
  const pull = g.div(g.mul(sums, directions), g.whereAbove(norms, g.number(0), norms, g.number(1)))
  return g.add(decoder, g.mul(pull, factor(values, scalars.sparsity)))
}

function reluGraph(values: StepValues): KindValues {
  const { g, config, scalars } = values
  const pre = g.add(products(values), parameter(values, 'bEnc'))
  const codes = keepLargest(values, pre)
  const on = g.above(codes, g.number(0))
  const main = reconstruct(values, codes)
  const none = g.mul(main.term, g.number(0))
  const shared = { codes, bDec: main.bDec, others: new Map<ParameterName, Value>(), reconstruction: main.term, squaredErrors: main.squaredErrors } // prettier-ignore
  if ('k' in config) {
    const revived =
      config.auxK > 0 ? revival(values, pre, main.difference, Math.min(config.auxK, config.dSae)) : null
    const through = g.mul(on, main.codes)
    return {
      ...shared,
      products: revived ? g.add(through, revived.products) : through,
      decoder: revived ? g.add(main.decoder, revived.decoder) : main.decoder,
      sparsity: none,
      aux: revived?.term ?? none,
    }
  }
  const weights = penaltyWeights(values)
  return {
    ...shared,
    products: g.mul(on, g.add(main.codes, g.mul(weights, factor(values, scalars.sparsity)))),
    decoder: withNormPull(values, main.decoder, codes),
    sparsity: g.mul(mean(values, g.sum(g.mul(codes, weights))), scalars.sparsity),
    aux: none,
  }
}

/** Aux-k: the dead features' reconstruction of the residual, which is held constant. */
function revival(
  values: StepValues,
  pre: Value,
  difference: Value,
  auxK: number,
): { term: Value; products: Value; decoder: Value } {
  const { g, directions, scalars, dead } = values
  const codes = keepLargestOfRows(g, g.mul(g.relu(pre), dead), auxK)
  const left = g.add(g.product(codes, directions), difference)
  const error = g.mul(left, g.mul(g.number(2), factor(values, scalars.aux)))
  return {
    term: g.mul(mean(values, g.sum(g.square(left))), scalars.aux),
    products: g.mul(g.above(codes, g.number(0)), g.product(error, directions, { b: true })),
    decoder: g.product(codes, error, { a: true }),
  }
}

/** jumprelu, with the straight-through estimator of sae/architectures/jumprelu.ts for log θ. */
function jumpGraph(values: StepValues, bandwidth: number): KindValues {
  const { g, scalars } = values
  const threshold = g.exp(parameter(values, 'logThreshold'))
  const pre = g.add(products(values), parameter(values, 'bEnc'))
  const on = g.above(pre, threshold)
  const codes = g.mul(pre, on)
  const main = reconstruct(values, codes)
  const near = g.above(g.number(bandwidth / 2), g.abs(g.sub(pre, threshold)))
  const steps = g.add(g.mul(threshold, main.codes), factor(values, scalars.sparsity))
  const ofThreshold = g.columnSums(g.mul(g.mul(near, steps), g.mul(threshold, g.number(-1 / bandwidth))))
  return {
    codes,
    products: g.mul(on, main.codes),
    decoder: main.decoder,
    bDec: main.bDec,
    others: new Map([['logThreshold', ofThreshold]]),
    reconstruction: main.term,
    sparsity: g.mul(mean(values, g.sum(on)), scalars.sparsity),
    aux: g.mul(main.term, g.number(0)),
    squaredErrors: main.squaredErrors,
  }
}

/** gated: the magnitude learns from the reconstruction, the gate from penalty and its own reconstruction. */
function gatedGraph(values: StepValues): KindValues {
  const { g, centred, directions, scalars } = values
  const u = products(values)
  const gate = g.relu(g.add(u, parameter(values, 'bEnc')))
  const open = g.above(gate, g.number(0))
  const scale = g.exp(parameter(values, 'rMag'))
  const magnitude = g.relu(g.add(g.mul(u, scale), parameter(values, 'bMag')))
  const codes = g.mul(magnitude, open)
  const main = reconstruct(values, codes)
  const left = g.sub(g.product(gate, directions), centred)
  const throughGate = g.product(g.mul(left, g.mul(g.number(2), factor(values, scalars.aux))), directions, {
    b: true,
  })
  const weights = penaltyWeights(values)
  const ofGate = g.mul(open, g.add(throughGate, g.mul(weights, factor(values, scalars.sparsity))))
  const ofMagnitude = g.mul(g.above(codes, g.number(0)), main.codes)
  const scaled = g.mul(ofMagnitude, scale)
  return {
    codes,
    products: g.add(ofGate, scaled),
    decoder: withNormPull(values, main.decoder, gate),
    bDec: main.bDec,
    others: new Map([['bEnc', g.columnSums(ofGate)], ['rMag', g.columnSums(g.mul(scaled, u))], ['bMag', g.columnSums(ofMagnitude)]]), // prettier-ignore
    reconstruction: main.term,
    sparsity: g.mul(mean(values, g.sum(g.mul(gate, weights))), scalars.sparsity),
    aux: g.mul(mean(values, g.sum(g.square(left))), scalars.aux),
    squaredErrors: main.squaredErrors,
  }
}
