import type { ActivationSet } from '#contract/activation-set.ts'
import { problem } from '#contract/problem.ts'
import type { TextErrors } from '#contract/stitch.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { residualOf } from '../compare/quality.ts'
import { openLanguageModel, type LanguageModel } from '../language-model/language-model.ts'
import { openTokenizer, type Tokenizer } from '../language-model/tokenizer.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'

/** ‖r_t‖² of every token. */
async function squaredErrors(weights: SaeWeights, x: Float32Array): Promise<Float64Array> {
  const rows = x.length / weights.dIn
  const encoder = await openEncoder(weights, { maxRows: rows })
  try {
    const residual = residualOf(weights, await encoder.encode(x, rows), x)
    const errors = new Float64Array(rows)
    for (let i = 0; i < residual.length; i++) errors[Math.floor(i / weights.dIn)] += residual[i] ** 2
    return errors
  } finally {
    await encoder.close()
  }
}

/** Measures a text typed by hand, token by token; the model stays open for the next. */
export class TextMeasure {
  readonly #workspace: Workspace
  readonly #set: ActivationSet
  #opened: Promise<{ model: LanguageModel; tokenizer: Tokenizer }> | null = null

  constructor(workspace: Workspace, set: ActivationSet) {
    this.#workspace = workspace
    this.#set = set
  }

  /** @throws Problem where the activations came without their model. */
  async measure(text: string, base: SaeWeights, hybrid: SaeWeights): Promise<TextErrors> {
    const { model, tokenizer } = await (this.#opened ??= this.#open())
    const { bosId, contextSize } = model.model
    const bos = this.#set.prependBos && bosId !== null ? [bosId] : []
    const ids = Int32Array.from([...bos, ...tokenizer.encodePlain(text)].slice(0, contextSize))
    const [x] = await model.runTo([this.#set.hookName], ids, 1)
    return {
      tokens: Array.from(ids, (id) => tokenizer.token(id)),
      base: await squaredErrors(base, x),
      hybrid: await squaredErrors(hybrid, x),
    }
  }

  async #open(): Promise<{ model: LanguageModel; tokenizer: Tokenizer }> {
    const { modelId, name } = this.#set
    if (modelId === null)
      throw problem(
        'not-available',
        name,
        'these activations came without their model',
        'Choose a row of the evaluation set.',
      )
    const model = this.#workspace.models.get(modelId)
    const tokenizer = await openTokenizer(model.folder)
    return { model: await openLanguageModel(model), tokenizer }
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null)
    await opened?.model.close()
  }
}
