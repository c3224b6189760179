import { parameterShapes } from '../../sae/architectures/index.ts'
import type { ParameterName, TraineeConfig } from '../../sae/backend.ts'
import { adamUpdate } from './adam-graph.ts'
import { cosineGradient } from './cosine-graph.ts'
import { Graph, type Value } from './graph.ts'
import { kindGraph } from './kind-graph.ts'
import {
  FAR,
  nextName,
  parameter,
  REPORT,
  SCALARS,
  STATE,
  stateName,
  type KindValues,
  type Scalars,
  type StepValues,
} from './step-values.ts'

/** Whole training step as one ONNX graph: state and batch in, next state and report out. */
export function stepGraph(config: TraineeConfig, withCosine: boolean): Graph {
  const g = new Graph()
  const values = inputs(g, config)
  const kind = kindGraph(values)
  const decoderRows = config.architecture === 'tied' ? 'encoder' : 'decoder'
  const penalty = withCosine ? cosineGradient(values, kind.codes) : null
  const gradients = assemble(values, kind, penalty?.gradient ?? null)
  const unit = config.architecture === 'tied' || config.decoderNorm === 'unit'
  if (unit) gradients.set(decoderRows, projected(g, needed(gradients, decoderRows), values.directions))
  const norm = g.sqrt(g.total([...gradients.values()].map((gradient) => g.sum(g.square(gradient)))))
  const { clipNorm } = values.scalars
  const scale = g.whereAbove(norm, clipNorm, g.div(clipNorm, norm), g.number(1))
  for (const { name, rows, width } of parameterShapes(config)) {
    const next = adamUpdate(values, name, g.mul(needed(gradients, name), scale))
    if (unit && name === decoderRows) next.value = unitRows(g, next.value)
    for (const of of STATE) g.output(nextName(of, name), next[of], [rows, width])
  }
  const report: Record<(typeof REPORT)[number], Value> = {
    reconstruction: kind.reconstruction,
    sparsity: kind.sparsity,
    aux: kind.aux,
    cosine: penalty?.value ?? g.mul(norm, g.number(0)),
    squaredError: g.sum(kind.squaredErrors),
    squaredDeviation: squaredDeviation(values),
    smallest: g.least(g.whereAbove(kind.codes, g.number(0), kind.codes, g.number(FAR))),
    gradientNorm: norm,
  }
  const row = REPORT.map((name) => g.reshape(report[name], [1, 1]))
  g.output('report', g.concat(row, 1), [1, REPORT.length])
  g.output('fires', g.columnSums(g.above(kind.codes, g.number(0))), [1, config.dSae])
  g.output('squaredErrors', kind.squaredErrors, ['B', 1])
  return g
}

function inputs(g: Graph, config: TraineeConfig): StepValues {
  const x = g.input('x', ['B', config.dIn])
  const dead = g.input('dead', [1, config.dSae])
  const scalars = Object.fromEntries(SCALARS.map((name) => [name, g.input(name, [1, 1])])) as Scalars<Value>
  const parameters = new Map<ParameterName, Value>()
  for (const { name, rows, width } of parameterShapes(config))
    for (const of of STATE) {
      const value = g.input(stateName(of, name), [rows, width])
      if (of === 'value') parameters.set(name, value)
    }
  const bDec = parameters.get('bDec')
  const directions = parameters.get('decoder') ?? parameters.get('encoder')
  if (!directions) throw new Error('no rows to reconstruct with')
  return { g, config, x, dead, scalars, parameters, directions, centred: bDec ? g.sub(x, bDec) : x }
}

/** As in math/sae-gradients.ts: from ∂/∂u to the encoder, b_enc, and b_dec, which moves the encoder's input. */
function assemble(values: StepValues, kind: KindValues, penalty: Value | null): Map<ParameterName, Value> {
  const { g, config, centred } = values
  const encoder = g.product(kind.products, centred, { a: true })
  const decoder = penalty === null ? kind.decoder : g.add(kind.decoder, penalty)
  const ofProducts = g.columnSums(kind.products)
  const bEnc = kind.others.get('bEnc') ?? ofProducts
  if (config.architecture === 'tied') return new Map([['encoder', g.add(encoder, decoder)], ['bEnc', bEnc]]) // prettier-ignore
  const bDec = g.sub(kind.bDec, g.product(ofProducts, parameter(values, 'encoder')))
  return new Map([...kind.others, ['encoder', encoder], ['bEnc', bEnc], ['decoder', decoder], ['bDec', bDec]])
}

function needed(gradients: Map<ParameterName, Value>, name: ParameterName): Value {
  const gradient = gradients.get(name)
  if (gradient === undefined) throw new Error(`no gradient of ${name} was made`)
  return gradient
}

const projected = (g: Graph, gradient: Value, rows: Value): Value =>
  g.sub(gradient, g.mul(g.rowSums(g.mul(gradient, rows)), rows))

function unitRows(g: Graph, rows: Value): Value {
  const norms = g.sqrt(g.rowSums(g.square(rows)))
  return g.div(rows, g.whereAbove(norms, g.number(0), norms, g.number(1)))
}

/** Σ‖x − x̄‖² over the batch. */
function squaredDeviation({ g, x, scalars }: StepValues): Value {
  return g.sum(g.square(g.sub(x, g.div(g.columnSums(x), scalars.rows))))
}
