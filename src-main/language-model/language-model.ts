import type { HookPoint, Model } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import type { Architecture } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import { resolveHook } from './hook-names.ts'
import { openFolder } from './inspect.ts'
import { nextTokens, OutputHead, withoutLast } from './output-head.ts'
import { LONG_CONTEXT } from './passage.ts'
import { Passages } from './passages.ts'
import type { Provider } from './provider.ts'

/**
 * A language model that can be run to, from and through its hook points.
 * `ids` are `rows` rows of token ids of equal length (the context), one after the other; activations are
 * [rows·context, width] in token order, f32. Hook points may be given in any spelling.
 */
export interface LanguageModel {
  readonly model: Model
  /** Runs no further than the deepest of the hook points. Answers come in the order of the names. */
  runTo(hookNames: readonly string[], ids: Int32Array, rows: number): Promise<Float32Array[]>
  /** Next-token losses in nats: [rows·(context − 1)]; entry i of a row is the loss of predicting its token i + 1. */
  tokenLoss(ids: Int32Array, rows: number): Promise<Float32Array>
  /** [rows·context, vocab] */
  logits(ids: Int32Array, rows: number): Promise<Float32Array>
  /** Next-token losses with these activations put in at the hook point (splice). */
  runFrom(hookName: string, activations: Float32Array, ids: Int32Array, rows: number): Promise<Float32Array>
  /** Logits with these activations put in at the hook point. */
  logitsFrom(
    hookName: string,
    activations: Float32Array,
    ids: Int32Array,
    rows: number,
  ): Promise<Float32Array>
  /** For the logit lens: the unembedding's rows [vocab, dModel] and the final norm's weight [dModel]. */
  unembedding(): Promise<{ WU: Float32Array; finalNormScale: Float32Array }>
  close(): Promise<void>
}

export interface OpenOptions {
  threads?: number | undefined
  /** 16-bit matrices of a checkpoint up to this size are widened once; a GPU is given all of them widened. */
  widenedOnce?: number | undefined
  /** The cpu where left out. */
  provider?: Provider | undefined
}

class OnnxLanguageModel implements LanguageModel {
  readonly model: Model
  readonly #architecture: Architecture
  readonly #checkpoint: Checkpoint
  readonly #head: OutputHead
  readonly #passages: Passages
  constructor(
    model: Model,
    architecture: Architecture,
    checkpoint: Checkpoint,
    { threads, provider = 'cpu' }: OpenOptions,
  ) {
    this.model = model
    this.#architecture = architecture
    this.#checkpoint = checkpoint
    this.#head = new OutputHead(architecture, checkpoint, threads, provider)
    this.#passages = new Passages(architecture, checkpoint, { threads, provider })
  }

  /** @throws Problem for ids that make no rows, too long a context, or an id outside the vocabulary */
  #checkIds(ids: Int32Array, rows: number): void {
    const { name, contextSize, vocabSize } = this.model
    const context = ids.length / rows
    if (!Number.isInteger(rows) || !Number.isInteger(context) || context < 1)
      throw problem('bad-input', name, `${ids.length} token ids do not make ${rows} rows of equal length`)
    if (context > contextSize)
      throw problem(
        'bad-input',
        name,
        `a context of ${context} tokens is longer than the ${contextSize} it is made for`,
      )
    const wrong = ids.find((id) => id < 0 || id >= vocabSize)
    if (wrong !== undefined)
      throw problem(
        'mismatch',
        name,
        `token id ${wrong} is outside its vocabulary of ${vocabSize}`,
        'The tokens were made for another model.',
      )
  }

  async runTo(hookNames: readonly string[], ids: Int32Array, rows: number): Promise<Float32Array[]> {
    const asked = hookNames.map((name) => resolveHook(name, this.model))
    this.#checkIds(ids, rows)
    const areLong = ids.length / rows > LONG_CONTEXT
    const passage = { wanted: [...new Set(asked)], areLong, centred: this.model.centerWritingWeights }
    const outputs = await this.#passages.run(passage, ids, rows)
    return asked.map((point) => outputs[passage.wanted.indexOf(point)])
  }

  /** The end of the residual stream. */
  async #lastResidual(
    ids: Int32Array,
    rows: number,
    given?: { at: string; activations: Float32Array },
  ): Promise<Float32Array> {
    const last = this.model.hookPoints.at(-1) as HookPoint
    if (!given) return (await this.runTo([last.name], ids, rows))[0]
    const { activations } = given
    const at = resolveHook(given.at, this.model)
    this.#checkIds(ids, rows)
    if (activations.length !== ids.length * at.width)
      throw problem(
        'mismatch',
        this.model.name,
        `${activations.length} numbers were given for ${ids.length} tokens at ${at.name}, whose width is ${at.width}`,
      )
    if (at.name === last.name) return activations
    const areLong = ids.length / rows > LONG_CONTEXT
    const passage = { wanted: [last], given: at, areLong, centred: false }
    return (await this.#passages.run(passage, ids, rows, activations))[0]
  }

  async #losses(residual: Float32Array, ids: Int32Array, rows: number): Promise<Float32Array> {
    return withoutLast(await this.#head.losses(residual, nextTokens(ids, rows)), rows)
  }

  async tokenLoss(ids: Int32Array, rows: number): Promise<Float32Array> {
    return this.#losses(await this.#lastResidual(ids, rows), ids, rows)
  }

  async logits(ids: Int32Array, rows: number): Promise<Float32Array> {
    return this.#head.logits(await this.#lastResidual(ids, rows))
  }

  async runFrom(
    hookName: string,
    activations: Float32Array,
    ids: Int32Array,
    rows: number,
  ): Promise<Float32Array> {
    return this.#losses(await this.#lastResidual(ids, rows, { at: hookName, activations }), ids, rows)
  }

  async logitsFrom(
    hookName: string,
    activations: Float32Array,
    ids: Int32Array,
    rows: number,
  ): Promise<Float32Array> {
    return this.#head.logits(await this.#lastResidual(ids, rows, { at: hookName, activations }))
  }

  unembedding(): Promise<{ WU: Float32Array; finalNormScale: Float32Array }> {
    const { unembedding, finalNorm } = this.#architecture
    return Promise.resolve({
      WU: this.#checkpoint.read(unembedding),
      finalNormScale: this.#checkpoint.read(finalNorm),
    })
  }

  async close(): Promise<void> {
    await this.#passages.close()
    await this.#head.close()
  }
}

/**
 * Opens a model of the workspace: reads and checks its folder again, since it may have changed since it was added.
 * Graphs are made when first asked for, and kept.
 * @throws Problem when the folder is gone or is not the model that was added
 */
export async function openLanguageModel(model: Model, options: OpenOptions = {}): Promise<LanguageModel> {
  // Widening a matrix in every run would have it cross to the GPU in every run.
  const widenedOnce = options.provider === 'webgpu' ? Infinity : options.widenedOnce
  const { architecture, checkpoint, parameters } = openFolder(model.folder, widenedOnce)
  if (parameters !== model.parameters || architecture.layers !== model.layers)
    throw problem(
      'conflict',
      model.name,
      `its folder ${model.folder} holds another model than when it was added (${parameters} parameters, then ${model.parameters})`,
      'Add the folder again as a new model.',
    )
  return new OnnxLanguageModel(model, architecture, checkpoint, options)
}
