import type { HookPoint } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import type { Context, ContextEnd } from '../../corpus/contexts.ts'
import type { LanguageModel } from '../../language-model/language-model.ts'

/** Tokens of one run of the model. */
const TOKENS_AT_ONCE = 2048

export interface ModelRowsOptions {
  model: Pick<LanguageModel, 'runTo' | 'close'>
  hook: Pick<HookPoint, 'name' | 'width'>
  /** The rows of the corpus from a place on; null: from the first. */
  contexts: (from: ContextEnd | null) => AsyncIterable<Context>
  contextSize: number
  /** The corpus' name, for messages. */
  subject: string
}

/** Rows of a corpus and what a model makes of them. */
export class ModelRows {
  readonly dIn: number
  readonly #options: ModelRowsOptions
  constructor(options: ModelRowsOptions) {
    this.dIn = options.hook.width
    this.#options = options
  }

  /** Activations from a place on, a few rows at a time, the corpus over and over. `end` is where the next rows are. */
  async *activations(
    from: ContextEnd | null,
    skipPosition0: boolean,
  ): AsyncGenerator<{ x: Float32Array; end: ContextEnd | null }, void, void> {
    const { contextSize, subject } = this.#options
    const atOnce = Math.max(1, Math.floor(TOKENS_AT_ONCE / contextSize))
    for (let start = from; ; start = null) {
      let waiting: Context[] = []
      let given = false
      for await (const context of this.#options.contexts(start)) {
        waiting.push(context)
        if (waiting.length < atOnce) continue
        yield { x: await this.#run(waiting, skipPosition0), end: context.end }
        waiting = []
        given = true
      }
      if (waiting.length > 0) yield { x: await this.#run(waiting, skipPosition0), end: null }
      else if (!given && start === null)
        throw problem(
          'bad-input',
          subject,
          `it has no row of ${contextSize} tokens`,
          'Choose a smaller context or more text.',
        )
    }
  }

  async #run(rows: readonly Context[], skipPosition0: boolean): Promise<Float32Array> {
    const { model, hook, contextSize } = this.#options
    const ids = new Int32Array(rows.length * contextSize)
    rows.forEach((context, row) => ids.set(context.ids, row * contextSize))
    const [x] = await model.runTo([hook.name], ids, rows.length)
    return skipPosition0 ? withoutPosition0(x, rows.length, this.dIn) : x
  }

  close(): Promise<void> {
    return this.#options.model.close()
  }
}

/** Rows [rows, context, d] without the first position of each. */
function withoutPosition0(x: Float32Array, rows: number, d: number): Float32Array {
  const perRow = x.length / rows
  const out = new Float32Array(x.length - rows * d)
  for (let row = 0; row < rows; row++)
    out.set(x.subarray(row * perRow + d, (row + 1) * perRow), row * (perRow - d))
  return out
}
