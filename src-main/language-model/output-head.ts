import type { Architecture } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import { GraphBuilder, type BuiltGraph } from './graph-builder.ts'
import type { Provider } from './provider.ts'
import { rowsOf } from './rows.ts'
import { idsTensor, matrixTensor, openSession, type Session } from './session.ts'

/** Logits are made for so many tokens and so many entries of the vocabulary at a time: 4 MB of them. */
const TOKENS_AT_ONCE = 512
const VOCABULARY_AT_ONCE = 2048

function normGraph(model: Architecture, checkpoint: Checkpoint): BuiltGraph {
  const graph = new GraphBuilder(checkpoint)
  const residual = graph.input('residual', 'f32', ['n', model.dModel])
  const normed = model.draw(graph, rowsOf(graph)).finalNorm(residual)
  return graph.build({ normed: { value: normed, dims: ['n', model.dModel] } })
}

/** Logits of some tokens for some of the vocabulary, their log Σ exp, and the one logit that `chosen` names. */
function sliceGraph(model: Architecture, checkpoint: Checkpoint, output: 'logits' | 'losses'): BuiltGraph {
  const graph = new GraphBuilder(checkpoint)
  const normed = graph.input('normed', 'f32', ['n', model.dModel])
  const slice = graph.input('slice', 'f32', ['v', model.dModel])
  const logits = graph.node('Gemm', [normed, slice], { attributes: { transB: { int: 1 } } })
  if (output === 'logits') return graph.build({ logits: { value: logits, dims: ['n', 'v'] } })
  const axis = { attributes: { axis: { int: 1 } } }
  const chosen = graph.input('chosen', 'i32', ['n', 1])
  const logit = graph.node('GatherElements', [logits, chosen], axis)
  const logShare = graph.node('GatherElements', [graph.node('LogSoftmax', [logits], axis), chosen], axis)
  const logSum = graph.node('Sub', [logit, logShare])
  return graph.build({ logit: { value: logit, dims: ['n', 1] }, logSum: { value: logSum, dims: ['n', 1] } })
}

/** log(eᵃ + eᵇ) without overflow. */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b)
  return most + Math.log1p(Math.exp(Math.min(a, b) - most))
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

interface Piece {
  /** Rows [firstToken, endToken) of normed. */
  firstToken: number
  endToken: number
  /** Entries [firstWord, endWord) of the vocabulary, and their rows of the unembedding. */
  firstWord: number
  endWord: number
  normed: Float32Array
  slice: Float32Array
}

/**
 * Final norm and unembedding. The unembedding is read from its file a slice at a time, so that neither it nor the
 * logits of a large vocabulary are ever held whole.
 */
export class OutputHead {
  readonly #model: Architecture
  readonly #checkpoint: Checkpoint
  readonly #threads: number | undefined
  readonly #provider: Provider
  readonly #sessions = new Map<string, Promise<Session>>()
  constructor(
    model: Architecture,
    checkpoint: Checkpoint,
    threads: number | undefined,
    provider: Provider = 'cpu',
  ) {
    this.#model = model
    this.#checkpoint = checkpoint
    this.#threads = threads
    this.#provider = provider
  }

  #session(name: string, graph: () => BuiltGraph): Promise<Session> {
    let session = this.#sessions.get(name)
    if (!session) {
      session = openSession(graph(), {
        root: this.#checkpoint.root,
        threads: this.#threads,
        provider: this.#provider,
      })
      this.#sessions.set(name, session)
    }
    return session
  }

  /** The residual stream after the final norm: [n, dModel]. */
  async normed(residual: Float32Array): Promise<Float32Array> {
    const { dModel } = this.#model
    const session = await this.#session('norm', () => normGraph(this.#model, this.#checkpoint))
    const out = new Float32Array(residual.length)
    await session.run({ residual: matrixTensor(residual, dModel) }, { normed: matrixTensor(out, dModel) })
    return out
  }

  *#pieces(normed: Float32Array): Generator<Piece> {
    const { dModel, vocabSize, unembedding } = this.#model
    const tokens = normed.length / dModel
    for (let firstWord = 0; firstWord < vocabSize; firstWord += VOCABULARY_AT_ONCE) {
      const endWord = Math.min(firstWord + VOCABULARY_AT_ONCE, vocabSize)
      const slice = this.#checkpoint.read(unembedding, firstWord, endWord)
      for (let firstToken = 0; firstToken < tokens; firstToken += TOKENS_AT_ONCE) {
        const endToken = Math.min(firstToken + TOKENS_AT_ONCE, tokens)
        const rows = normed.subarray(firstToken * dModel, endToken * dModel)
        yield { firstToken, endToken, firstWord, endWord, normed: rows, slice }
      }
    }
  }

  /** −log p(target) in nats: [n]. */
  async losses(residual: Float32Array, targets: Int32Array): Promise<Float32Array> {
    const { dModel } = this.#model
    const session = await this.#session('losses', () => sliceGraph(this.#model, this.#checkpoint, 'losses'))
    const logSums = new Float64Array(targets.length).fill(-Infinity)
    const logits = new Float32Array(targets.length)
    for (const piece of this.#pieces(await this.normed(residual))) {
      const { firstToken, endToken, firstWord, endWord } = piece
      const n = endToken - firstToken
      const isHere = (target: number): boolean => target >= firstWord && target < endWord
      const chosen = targets
        .subarray(firstToken, endToken)
        .map((target) => (isHere(target) ? target - firstWord : 0))
      const logit = new Float32Array(n)
      const logSum = new Float32Array(n)
      await session.run(
        {
          normed: matrixTensor(piece.normed, dModel),
          slice: matrixTensor(piece.slice, dModel),
          chosen: idsTensor(chosen, n),
        },
        { logit: matrixTensor(logit, 1), logSum: matrixTensor(logSum, 1) },
      )
      for (let i = 0; i < n; i++) {
        logSums[firstToken + i] = logAdd(logSums[firstToken + i], logSum[i])
        if (isHere(targets[firstToken + i])) logits[firstToken + i] = logit[i]
      }
    }
    return logits.map((logit, i) => logSums[i] - logit)
  }

  /** [n, vocab] */
  async logits(residual: Float32Array): Promise<Float32Array> {
    const { dModel, vocabSize } = this.#model
    const session = await this.#session('logits', () => sliceGraph(this.#model, this.#checkpoint, 'logits'))
    const out = new Float32Array((residual.length / dModel) * vocabSize)
    for (const piece of this.#pieces(await this.normed(residual))) {
      const width = piece.endWord - piece.firstWord
      const part = new Float32Array((piece.endToken - piece.firstToken) * width)
      await session.run(
        { normed: matrixTensor(piece.normed, dModel), slice: matrixTensor(piece.slice, dModel) },
        { logits: matrixTensor(part, width) },
      )
      for (let i = 0; i * width < part.length; i++)
        out.set(
          part.subarray(i * width, (i + 1) * width),
          (piece.firstToken + i) * vocabSize + piece.firstWord,
        )
    }
    return out
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(async (session) => (await session).close()))
    this.#sessions.clear()
  }
}
