import type { Model } from '#contract/model.ts'
import type { RunSettings, TrainingSource } from '#contract/training.ts'
import { contextShape } from '../../corpus/context-shape.ts'
import { contexts, type ContextEnd } from '../../corpus/contexts.ts'
import type { LanguageModel } from '../../language-model/language-model.ts'
import { rowToTry } from '../../language-model/open-on-device.ts'
import { resolveHook } from '../../language-model/hook-names.ts'
import { openTokenizer } from '../../language-model/tokenizer.ts'
import { permutation, randomFor } from '../../math/permutation.ts'
import type { Workspace } from '../../store/workspace.ts'
import type { Batch, BatchSource, Place } from './batch-source.ts'
import { ModelRows } from './model-rows.ts'
import type { SourceFacts } from './source-facts.ts'

export type ModelSourceOptions = Extract<TrainingSource, { from: 'model' }>

/** Tokens shuffled together: enough to mix many documents, little enough to make again on resume. */
const BLOCK_TOKENS = 1 << 15
const BLOCK_BYTES = 256 << 20
/** Metrics are measured on about so many tokens: the model has to run for them. */
const EVALUATION_TOKENS = 1 << 16

/** What can be said without reading the corpus. @throws Problem for what does not fit together */
export function describeModelSource(workspace: Workspace, options: ModelSourceOptions): SourceFacts {
  const model = workspace.models.get(options.modelId)
  const corpus = workspace.corpora.get(options.corpusId)
  const hook = resolveHook(options.hookName, model)
  contextShape(corpus, model, options)
  return {
    subject: `${model.name} on ${corpus.name}`,
    hookName: hook.name,
    dIn: hook.width,
    tokensPerPass: null,
    modelId: model.id,
    modelName: model.name,
    activationSetId: null,
    from: [model.id, corpus.id],
    modelAtHand: true,
  }
}

/** Where a block of shuffled tokens begins in the corpus, and how many of its batches have been given. */
interface Cursor {
  block: number
  from: ContextEnd | null
  given: number
}
interface Block {
  x: Float32Array
  /** Where the next block begins. */
  end: ContextEnd | null
}

/** A model, run over a corpus as training goes: nothing is kept on disk. The corpus is read again when it ends. */
export class ModelSource implements BatchSource {
  readonly dIn: number
  readonly evaluationTokens: number
  readonly #rows: ModelRows
  readonly #settings: Settings
  /** The block made last: the first is looked at for scale and centre, and then trained on. */
  #last: { number: number; block: Block } | null = null
  constructor(rows: ModelRows, settings: Settings) {
    this.dIn = rows.dIn
    this.evaluationTokens = Math.min(EVALUATION_TOKENS, settings.tokens)
    this.#rows = rows
    this.#settings = settings
  }

  async *batches(place: Place): AsyncGenerator<Batch, void, void> {
    const { batchTokens } = this.#settings
    const size = batchTokens * this.dIn
    let { block, from, given } = (place.cursor as Cursor | undefined) ?? { block: 0, from: null, given: 0 }
    const perBlock = this.#batchesPerBlock()
    for (let { batch } = place; ; block++, given = 0) {
      if (this.#last?.number !== block)
        this.#last = { number: block, block: await this.#block(block, from, perBlock * batchTokens) }
      const { x, end } = this.#last.block
      while (given < perBlock) {
        given++
        const cursor = given < perBlock ? { block, from, given } : { block: block + 1, from: end, given: 0 }
        yield { x: x.subarray((given - 1) * size, given * size), next: { batch: ++batch, cursor } }
      }
      from = end
    }
  }

  #batchesPerBlock(): number {
    const { batchTokens, tokens } = this.#settings
    const fit = Math.floor(BLOCK_BYTES / (batchTokens * this.dIn * 4))
    return Math.max(1, Math.min(fit, Math.ceil(Math.min(BLOCK_TOKENS, tokens) / batchTokens)))
  }

  /**
   * Activations of the next `tokens` tokens of the corpus in an order drawn by the seed and the block's number.
   * What is left of the rows that the model ran last is left out.
   */
  async #block(block: number, from: ContextEnd | null, tokens: number): Promise<Block> {
    const { skipPosition0, seed } = this.#settings
    const order = permutation(tokens, randomFor(seed, block))
    const x = new Float32Array(tokens * this.dIn)
    let filled = 0
    let end = from
    for await (const part of this.#rows.activations(from, skipPosition0)) {
      const rows = Math.min(tokens - filled, part.x.length / this.dIn)
      for (let row = 0; row < rows; row++)
        x.set(part.x.subarray(row * this.dIn, (row + 1) * this.dIn), order[filled + row] * this.dIn)
      filled += rows
      end = part.end
      if (filled === tokens) break
    }
    return { x, end }
  }

  /** The first rows of the corpus: a spread would mean reading all of it. */
  async *evaluation(): AsyncGenerator<Float32Array, void, void> {
    let given = 0
    for await (const { x } of this.#rows.activations(null, this.#settings.skipPosition0)) {
      yield x
      given += x.length / this.dIn
      if (given >= this.evaluationTokens) return
    }
  }

  async close(): Promise<void> {
    await this.#rows.close()
  }
}
type Settings = Pick<RunSettings, 'batchTokens' | 'tokens' | 'seed' | 'skipPosition0'>

/** Opens a model where it is to run, once it gives there what it should. */
type OpenModel = (
  model: Model,
  attempt: (opened: LanguageModel) => Promise<Float32Array[]>,
) => Promise<LanguageModel>

export async function openModelSource(
  workspace: Workspace,
  options: ModelSourceOptions,
  settings: RunSettings,
  open: OpenModel,
): Promise<ModelSource> {
  const corpus = workspace.corpora.get(options.corpusId)
  const model = workspace.models.get(options.modelId)
  const shape = contextShape(corpus, model, options)
  const tokenizer = corpus.format === 'tokens' ? null : await openTokenizer(model.folder)
  const hook = resolveHook(options.hookName, model)
  const row = rowToTry(model, shape.contextSize)
  const rows = new ModelRows({
    model: await open(model, (opened) => opened.runTo([hook.name], row, 1)),
    hook,
    contexts: (from) => contexts(corpus, tokenizer, shape, from ?? undefined),
    contextSize: shape.contextSize,
    subject: corpus.name,
  })
  return new ModelSource(rows, settings)
}
