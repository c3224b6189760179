import type { ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import type { SplicedModel } from '../sae/train/ce-probe.ts'
import { reconstruct } from '../sae/train/reconstruct.ts'
import type { SaeWeights } from '../sae/weights.ts'

/** Rows that the language model is run on at once. */
const BATCH_ROWS = 8

export interface LossSettings {
  /** Rows of the activation set, from the first. */
  rows: number
  /** Position 0 of every row then keeps its own activation. */
  skipPosition0: boolean
}

/** What is put in at the hook for the activations x [rows · context, d] of whole rows. */
type Splice = (x: Float32Array) => Float32Array | Promise<Float32Array>

/**
 * Mean next-token loss in nats over whole rows with something put in at the hook (maths: splice).
 * @param reader of activations at that hook, with token ids
 */
export async function splicedLoss(
  model: SplicedModel,
  reader: ActivationReader,
  settings: LossSettings,
  splice: Splice,
): Promise<number> {
  const { contextSize, dIn, hookName } = reader.set
  let [sum, count] = [0, 0]
  for (let row = 0; row < settings.rows; row += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, settings.rows - row)
    const [from, tokens] = [row * contextSize, rows * contextSize]
    const x = reader.read(from, tokens)
    const ids = reader.ids(from, tokens)
    if (!ids) throw new Error(`${reader.set.id} has no token ids`)
    const put = await splice(x)
    if (settings.skipPosition0)
      for (let at = 0; at < put.length; at += contextSize * dIn) put.set(x.subarray(at, at + dIn), at)
    for (const loss of await model.runFrom(hookName, put, ids, rows)) {
      sum += loss
      count++
    }
  }
  return sum / count
}

/** The loss with the reconstruction of an SAE in place of the activations. */
export async function saeLoss(
  model: SplicedModel,
  reader: ActivationReader,
  settings: LossSettings,
  weights: SaeWeights,
): Promise<number> {
  const encoder = await openEncoder(weights)
  try {
    return await splicedLoss(model, reader, settings, async (x) =>
      reconstruct(weights, await encoder.encode(x, x.length / weights.dIn), x),
    )
  } finally {
    await encoder.close()
  }
}
