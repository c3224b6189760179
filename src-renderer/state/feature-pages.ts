import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeaturePage } from '#contract/feature.ts'
import { engine } from '../rpc.ts'

/** What is shown of a feature, and how many tokens around each example. */
export interface PageAsked {
  index: FeatureIndex
  feature: number
  onePerRow: boolean
  before: number
  after: number
}

/** Longer than a key that is held down takes to repeat: what is only passed by is not read. */
const AHEAD_AFTER_MS = 60
/** Pages kept: a few steps back and forth through the list. */
const KEPT = 24

const keyOf = ({ index, feature, onePerRow, before, after }: PageAsked): string =>
  [index.id, index.tokens, feature, onePerRow, before, after].join(' ')

/** Pages of features, those read lately from memory. What a person will probably ask for next can be read ahead. */
export class FeaturePages {
  readonly #kept = new Map<string, FeaturePage>()
  readonly #ahead = new Map<string, Promise<FeaturePage>>()

  /** @throws Problem as the engine does */
  read(asked: PageAsked, signal: AbortSignal): Promise<FeaturePage> {
    const key = keyOf(asked)
    const known = this.#kept.get(key)
    if (known) return Promise.resolve(this.#keep(key, known))
    return this.#ahead.get(key) ?? this.#ask(asked, key, signal)
  }

  /** Reads pages in a moment, when what was asked for is painted; returns what calls that off. */
  readAhead(asked: readonly PageAsked[]): () => void {
    const timer = setTimeout(() => {
      for (const one of asked) {
        const key = keyOf(one)
        if (this.#kept.has(key) || this.#ahead.has(key)) continue
        const page = this.#ask(one, key)
        this.#ahead.set(key, page)
        // Whoever asks for it in earnest is told what is wrong with it.
        page.catch(() => undefined).finally(() => this.#ahead.delete(key))
      }
    }, AHEAD_AFTER_MS)
    return () => clearTimeout(timer)
  }

  async #ask(asked: PageAsked, key: string, signal?: AbortSignal): Promise<FeaturePage> {
    const { index, ...rest } = asked
    return this.#keep(key, await engine.features.page({ indexId: index.id, ...rest }, signal && { signal }))
  }

  /** Puts a page last, so that the first is the one not asked for the longest. */
  #keep(key: string, page: FeaturePage): FeaturePage {
    this.#kept.delete(key)
    this.#kept.set(key, page)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break
      this.#kept.delete(oldest)
    }
    return page
  }
}
