import type { Architecture } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import { GraphBuilder, type BuiltGraph } from './graph-builder.ts'
import { rowsOf } from './rows.ts'
import { idsTensor, matrixTensor, openSession, type Session } from './session.ts'

/** Logits of a large vocabulary are made for so many bytes of them at a time. */
const LOGIT_BYTES = 32 << 20

export type HeadOutput = 'normed' | 'logits' | 'losses'

/** From the end of the residual stream `residual` [n, dModel] (and the true next tokens `targets` [n, 1]) onwards. */
export function headGraph(model: Architecture, checkpoint: Checkpoint, output: HeadOutput): BuiltGraph {
  const graph = new GraphBuilder(checkpoint)
  const drawing = model.draw(graph, rowsOf(graph))
  const normed = drawing.finalNorm(graph.input('residual', 'f32', ['n', model.dModel]))
  if (output === 'normed') return graph.build({ normed: { value: normed, dims: ['n', model.dModel] } })
  const logits = drawing.unembed(normed)
  if (output === 'logits') return graph.build({ logits: { value: logits, dims: ['n', model.vocabSize] } })
  const logProbabilities = graph.node('LogSoftmax', [logits], { attributes: { axis: { int: 1 } } })
  const chosen = graph.node('GatherElements', [logProbabilities, graph.input('targets', 'i32', ['n', 1])], {
    attributes: { axis: { int: 1 } },
  })
  return graph.build({ losses: { value: graph.node('Neg', [chosen]), dims: ['n', 1] } })
}

/** The true next token of every position; the last of a row has none and gets 0. */
export function nextTokens(ids: Int32Array, rows: number): Int32Array {
  const context = ids.length / rows
  return Int32Array.from(ids, (_, i) => ((i + 1) % context === 0 ? 0 : ids[i + 1]))
}

/** Leaves out the last position of every row: [rows·context] → [rows·(context − 1)]. */
export function withoutLast(perToken: Float32Array, rows: number): Float32Array {
  const context = perToken.length / rows
  const out = new Float32Array(rows * (context - 1))
  for (let row = 0; row < rows; row++)
    out.set(perToken.subarray(row * context, (row + 1) * context - 1), row * (context - 1))
  return out
}

/** Final norm and unembedding, a bounded number of tokens at a time. */
export class OutputHead {
  readonly #model: Architecture
  readonly #open: (output: HeadOutput) => Promise<Session>
  readonly #sessions = new Map<HeadOutput, Promise<Session>>()
  constructor(model: Architecture, checkpoint: Checkpoint, threads: number | undefined) {
    this.#model = model
    this.#open = (output) =>
      openSession(headGraph(model, checkpoint, output), { root: checkpoint.root, threads })
  }

  async #run(
    output: HeadOutput,
    residual: Float32Array,
    width: number,
    targets?: Int32Array,
  ): Promise<Float32Array> {
    let opening = this.#sessions.get(output)
    if (!opening) this.#sessions.set(output, (opening = this.#open(output)))
    const session = await opening
    const { dModel, vocabSize } = this.#model
    const tokens = residual.length / dModel
    const step = Math.max(1, Math.floor(LOGIT_BYTES / 4 / vocabSize))
    const out = new Float32Array(tokens * width)
    for (let from = 0; from < tokens; from += step) {
      const to = Math.min(from + step, tokens)
      const part = matrixTensor(residual.subarray(from * dModel, to * dModel), dModel)
      const wanted = idsTensor(targets?.subarray(from, to) ?? new Int32Array(to - from), to - from)
      const results = await session.run({ residual: part, targets: wanted })
      out.set(results[output], from * width)
    }
    return out
  }

  /** −log p(target) in nats: [n] */
  losses(residual: Float32Array, targets: Int32Array): Promise<Float32Array> {
    return this.#run('losses', residual, 1, targets)
  }

  /** [n, vocab] */
  logits(residual: Float32Array): Promise<Float32Array> {
    return this.#run('logits', residual, this.#model.vocabSize)
  }

  /** The residual stream after the final norm: [n, dModel] */
  normed(residual: Float32Array): Promise<Float32Array> {
    return this.#run('normed', residual, this.#model.dModel)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(async (session) => (await session).close()))
  }
}
