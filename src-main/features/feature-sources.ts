import type { Corpus } from '#contract/corpus.ts'
import type { ActivationSetId, CorpusId, IndexId, ModelId } from '#contract/ids.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openTokenizer, type Tokenizer } from '../language-model/tokenizer.ts'
import type { Workspace } from '../store/workspace.ts'
import { openIndex, type IndexReader } from './index-reader.ts'
import { KeptOpen } from './kept-open.ts'

const IDLE_MS = 20_000

/** What a feature's page is read from: indexes, the tokens of activation sets, tokenizers; kept open while used. */
export class FeatureSources {
  readonly #workspace: Workspace
  readonly #indexes: KeptOpen<IndexReader>
  readonly #activations: KeptOpen<ActivationReader>
  readonly #tokenizers: KeptOpen<Promise<Tokenizer>>

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.#indexes = new KeptOpen(
      (id) => openIndex(workspace, id as IndexId),
      (reader) => reader.close(),
      IDLE_MS,
    )
    this.#activations = new KeptOpen(
      (id) => openActivations(workspace, id as ActivationSetId),
      (reader) => reader.close(),
      IDLE_MS,
    )
    // Reading a vocabulary again takes longer than all the rest.
    this.#tokenizers = new KeptOpen(
      (id) => openTokenizer(workspace.models.get(id as ModelId).folder),
      () => {},
      30 * IDLE_MS,
    )
  }

  /** The index as it is now. @throws Problem not-found. */
  index(id: IndexId): IndexReader {
    const { tokens, complete } = this.#workspace.indexes.get(id)
    return this.#indexes.get(id, ({ index }) => index.tokens !== tokens || index.complete !== complete)
  }

  activations(id: ActivationSetId): ActivationReader {
    this.#workspace.activationSets.get(id)
    return this.#activations.get(id)
  }

  /** The corpus activations were harvested from; undefined where they came without one, or it is gone. */
  corpus(id: CorpusId | null): Corpus | undefined {
    return id === null ? undefined : this.#workspace.corpora.find(id)
  }

  /** Ids as text; undefined where there is no model or no tokenizer to say. */
  async tokenizer(modelId: ModelId | null): Promise<Tokenizer | undefined> {
    const model = modelId === null ? undefined : this.#workspace.models.find(modelId)
    return model?.hasTokenizer ? this.#tokenizers.get(model.id) : undefined
  }

  close(): void {
    this.#indexes.closeAll()
    this.#activations.closeAll()
    this.#tokenizers.closeAll()
  }
}
