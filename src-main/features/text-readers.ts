import type { TriedText } from '#contract/feature.ts'
import type { ModelId, SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { openLanguageModel, type LanguageModel } from '../language-model/language-model.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import type { Workspace } from '../store/workspace.ts'
import type { LoadedSaes } from './loaded-saes.ts'
import { tryText, type TextReader } from './try-text.ts'

interface Latest<T> {
  key: string
  opened: Promise<T>
}

/** Models and encoders for text typed by hand: the ones used last stay open. */
export class TextReaders {
  readonly #workspace: Workspace
  readonly #saes: LoadedSaes
  #model: Latest<LanguageModel> | null = null
  #reader: Latest<TextReader> | null = null
  #last: Promise<unknown> = Promise.resolve()
  constructor(workspace: Workspace, saes: LoadedSaes) {
    this.#workspace = workspace
    this.#saes = saes
  }

  /** The model, by default the SAE's own. @throws Problem when the SAE has none. */
  model(saeId: SaeId, modelId?: ModelId): Promise<LanguageModel> {
    const sae = this.#workspace.saes.get(saeId)
    const id = modelId ?? sae.modelId
    if (id === null)
      throw problem(
        'not-available',
        sae.name,
        `it is not tied to a model of this workspace${sae.modelName ? ` (its file names "${sae.modelName}")` : ''}`,
        'Add the model and say which one it is.',
      )
    const model = this.#workspace.models.get(id)
    if (this.#model?.key !== id) {
      void this.#model?.opened.then(
        (old) => old.close(),
        () => {},
      )
      this.#model = { key: id, opened: openLanguageModel(model) }
    }
    return this.#model.opened
  }

  /** A text as codes of the SAE. One after the other: an encoder holds one piece of work. */
  try(text: string, saeId: SaeId, modelId?: ModelId): Promise<TriedText> {
    const mine = this.#last.then(async () => tryText(await this.#readerFor(saeId, modelId), text))
    this.#last = mine.catch(() => {}) // its own asker hears of it
    return mine
  }

  async #readerFor(saeId: SaeId, modelId?: ModelId): Promise<TextReader> {
    const { name, hookName } = this.#workspace.saes.get(saeId)
    if (hookName === null)
      throw problem(
        'not-available',
        name,
        'it does not say at which hook point it was trained',
        'Import it again with its hook point.',
      )
    const model = await this.model(saeId, modelId)
    const key = `${saeId} ${model.model.id}`
    if (this.#reader?.key !== key) {
      void this.#reader?.opened.then(
        ({ encoder }) => encoder.close(),
        () => {},
      )
      this.#reader = { key, opened: this.#open(saeId, model, hookName) }
    }
    return this.#reader.opened
  }

  async #open(saeId: SaeId, model: LanguageModel, hookName: string): Promise<TextReader> {
    const tokenizer = await openTokenizer(model.model.folder)
    return { model, tokenizer, encoder: await openEncoder(this.#saes.get(saeId)), hookName }
  }
}
