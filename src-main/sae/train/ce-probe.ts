import type { SaeWeights } from '../weights.ts'
import type { OpenEncoder } from './evaluate.ts'
import { reconstruct } from './reconstruct.ts'

/** The part of a language model that the probe needs (language-model/language-model.ts). */
export interface SplicedModel {
  runTo(hookNames: readonly string[], ids: Int32Array, rows: number): Promise<Float32Array[]>
  runFrom(hookName: string, activations: Float32Array, ids: Int32Array, rows: number): Promise<Float32Array>
  close(): Promise<void>
}

export interface ProbeText {
  /** [rows · context] */
  ids: Int32Array
  rows: number
}

/**
 * Measures how much of the model's next-token loss an SAE keeps: (CE_zero − CE_sae)/(CE_zero − CE_clean), with the
 * reconstruction, or zero, put in at the hook. Where position 0 is left out, it keeps its activation in both.
 */
export class CeProbe {
  readonly #options: ProbeOptions
  readonly #clean: Float32Array
  #ceClean = NaN
  #ceZero = NaN

  private constructor(options: ProbeOptions, clean: Float32Array) {
    this.#options = options
    this.#clean = clean
  }

  static async open(options: ProbeOptions): Promise<CeProbe> {
    const { model, hookName, text } = options
    const [clean] = await model.runTo([hookName], text.ids, text.rows)
    const probe = new CeProbe(options, clean)
    probe.#ceClean = await probe.#spliced(clean)
    probe.#ceZero = await probe.#spliced(new Float32Array(clean.length))
    return probe
  }

  /** CE recovered against zero ablation; 1 is lossless. */
  async recovered(weights: SaeWeights): Promise<number> {
    const encoder = await this.#options.openEncoder(weights)
    try {
      const codes = await encoder.encode(this.#clean, this.#clean.length / weights.dIn)
      const ce = await this.#spliced(reconstruct(weights, codes, this.#clean))
      return (this.#ceZero - ce) / (this.#ceZero - this.#ceClean)
    } finally {
      await encoder.close()
    }
  }

  /** Closes the model with it. */
  async close(): Promise<void> {
    await this.#options.model.close()
  }

  /** Mean next-token loss with `x` put in at the hook; `x` may be changed. */
  async #spliced(x: Float32Array): Promise<number> {
    const { model, hookName, text, skipPosition0 } = this.#options
    const d = this.#clean.length / text.ids.length
    if (skipPosition0) keepPosition0(x, this.#clean, text.rows, d)
    return mean(await model.runFrom(hookName, x, text.ids, text.rows))
  }
}

export interface ProbeOptions {
  model: SplicedModel
  hookName: string
  text: ProbeText
  skipPosition0: boolean
  openEncoder: OpenEncoder
}

/** Gives position 0 of every row [context, d] its own activation back, in place. */
function keepPosition0(x: Float32Array, own: Float32Array, rows: number, d: number): void {
  const perRow = x.length / rows
  for (let at = 0; at < x.length; at += perRow) x.set(own.subarray(at, at + d), at)
}

const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length
