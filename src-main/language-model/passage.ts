import type { HookPoint } from '#contract/model.ts'
import type { Architecture, Hook } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import { GraphBuilder, type BuiltGraph, type Value } from './graph-builder.ts'
import type { Provider } from './provider.ts'
import { GIVEN, IDS, rowsOf } from './rows.ts'
import { drawBlocks } from './transformer.ts'

/** The part of a model between what is given (token ids alone, or activations at a hook point) and what is wanted. */
export interface Passage {
  wanted: readonly HookPoint[]
  given?: HookPoint
  /** Rows have more than LONG_CONTEXT tokens. */
  areLong: boolean
  /** Residual-stream activations are wanted without their mean over the width. */
  centred: boolean
}

export const LONG_CONTEXT = 512

/** Two passages of the same key are the same graph. */
export const passageKey = ({ wanted, given, areLong, centred }: Passage): string =>
  [
    areLong ? 'long' : 'short',
    centred ? 'centred' : 'as is',
    given?.name ?? IDS,
    ...wanted.map((point) => point.name),
  ].join(' ')

/**
 * Subtracts each token's mean over the width. Centring the weights of all that write to the residual stream (as
 * TransformerLens' center_writing_weights does) gives the same: what is written is linear in those weights, and every
 * reader of the stream subtracts the mean anyway.
 */
function centre(graph: GraphBuilder, x: Value): Value {
  return graph.node('Sub', [x, graph.node('ReduceMean', [x, graph.ints([-1])])])
}
const writesResidual = (name: string): boolean =>
  /(^hook_embed|hook_(resid_\w+|attn_out|mlp_out))$/.test(name)

/** The graph of a passage and nothing more. */
export function passageGraph(
  model: Architecture,
  checkpoint: Checkpoint,
  passage: Passage,
  provider: Provider = 'cpu',
): BuiltGraph {
  const { wanted, given, areLong, centred } = passage
  const graph = new GraphBuilder(checkpoint, provider)
  const seen = new Map<string, Value>()
  const hook: Hook = (name, value) => {
    const here = name === given?.name ? graph.input(GIVEN, 'f32', ['n', given.width]) : value
    seen.set(name, here)
    return here
  }
  drawBlocks(graph, model, model.draw(graph, rowsOf(graph, areLong)), hook)
  const outputs = wanted.map(({ name, width }) => {
    const value = seen.get(name) as Value
    return [
      name,
      { value: centred && writesResidual(name) ? centre(graph, value) : value, dims: ['n', width] },
    ]
  })
  return graph.build(Object.fromEntries(outputs))
}
