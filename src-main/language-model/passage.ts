import type { HookPoint } from '#contract/model.ts'
import type { Architecture, Hook } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import { GraphBuilder, type BuiltGraph, type Value } from './graph-builder.ts'
import type { Provider } from './provider.ts'
import { IDS, rowsOf } from './rows.ts'
import { idsTensor, matrixTensor, type Session } from './session.ts'
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

/** The graph input that takes the place of a hook point's value. */
const GIVEN = 'given'

/**
 * Rows are run so many tokens at a time: activations of this many tokens stay in a core's cache, which is faster by
 * 10 to 20 % than larger batches, and bounds the memory of a run. A GPU wants more at a time.
 */
const TOKENS_AT_ONCE: Record<Provider, number> = { cpu: 256, webgpu: 2048 }

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

/** Rows that go through a passage, and where its results go. All of it may lie in shared memory. */
export interface PassageRows {
  /** [rows, context] */
  ids: Int32Array
  context: number
  /** [rows·context, width] where the passage begins at a hook point. */
  activations: Float32Array | undefined
  /** For each wanted hook point [rows·context, width]. */
  outputs: readonly Float32Array[]
}

/** Tokens of whole rows that are run at a time. */
const tokensOfPart = (provider: Provider, context: number): number =>
  Math.max(1, Math.floor(TOKENS_AT_ONCE[provider] / context)) * context

/** How many parts the rows are run in. */
export const partsOf = (provider: Provider, tokens: number, context: number): number =>
  Math.ceil(tokens / tokensOfPart(provider, context))

/** Runs the parts whose numbers `take` gives, until there is none of that number. */
export async function runParts(
  session: Session,
  { wanted, given }: Passage,
  { ids, context, activations, outputs }: PassageRows,
  take: () => number,
): Promise<void> {
  const step = tokensOfPart(session.provider, context)
  for (let from = take() * step; from < ids.length; from = take() * step) {
    const to = Math.min(from + step, ids.length)
    const part = (x: Float32Array, width: number): Float32Array => x.subarray(from * width, to * width)
    const feeds = {
      [IDS]: idsTensor(ids.subarray(from, to), (to - from) / context),
      ...(given && activations ? { [GIVEN]: matrixTensor(part(activations, given.width), given.width) } : {}),
    }
    const results = wanted.map(
      ({ name, width }, i) => [name, matrixTensor(part(outputs[i], width), width)] as const,
    )
    await session.run(feeds, Object.fromEntries(results))
  }
}

/**
 * Runs a passage over all rows.
 * @param ids [rows, context]
 * @param activations [rows·context, width] where the passage begins at a hook point
 * @returns for each wanted hook point [rows·context, width]
 */
export async function runPassage(
  session: Session,
  passage: Passage,
  ids: Int32Array,
  rows: number,
  activations?: Float32Array,
): Promise<Float32Array[]> {
  const outputs = passage.wanted.map(({ width }) => new Float32Array(ids.length * width))
  let next = 0
  await runParts(session, passage, { ids, context: ids.length / rows, activations, outputs }, () => next++)
  return outputs
}
