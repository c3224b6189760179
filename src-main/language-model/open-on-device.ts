import type { Model, ModelDevice } from '#contract/model.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import { openLanguageModel, type LanguageModel } from './language-model.ts'
import type { ChooseProvider, ProviderChoice } from './provider.ts'

/** The largest difference from the cpu that a GPU may show, as a share of the largest value (of 1, if that is less). */
const TOLERANCE = 1e-4

export interface Opened extends ProviderChoice {
  languageModel: LanguageModel
}
export interface Wanted {
  device: ModelDevice
  choose: ChooseProvider
  /** A row to try: what is asked of the model later, in small. */
  attempt(languageModel: LanguageModel): Promise<Float32Array[]>
}

/** Token ids from all over the vocabulary: one row to try a model with. */
export const rowToTry = ({ vocabSize }: Model, context: number): Int32Array =>
  Int32Array.from({ length: context }, (_, i) => (i * 7919 + 1) % vocabSize)

/** The largest difference as a share of the largest value; not a number where something is none. */
function difference(expected: readonly Float32Array[], found: readonly Float32Array[]): number {
  let worst = 0
  let largest = 1
  for (const [i, values] of expected.entries())
    for (const [j, value] of values.entries()) {
      const apart = Math.abs(value - found[i][j])
      worst = apart <= worst ? worst : apart
      largest = Math.max(largest, Math.abs(value))
    }
  return worst / largest
}

/**
 * Opens a model where it is to run. Graphics drivers differ, so a GPU has to give for one row what the cpu gives;
 * where it does not, or fails, the model runs on the cpu and the reason says so.
 */
export async function openOnDevice(model: Model, { device, choose, attempt }: Wanted): Promise<Opened> {
  const { provider, reason } = await choose(device)
  const onCpu = await openLanguageModel(model)
  if (provider === 'cpu') return { languageModel: onCpu, provider, reason }
  let languageModel: LanguageModel | undefined
  try {
    languageModel = await openLanguageModel(model, { provider })
    const apart = difference(await attempt(onCpu), await attempt(languageModel))
    if (apart <= TOLERANCE) {
      await onCpu.close()
      return { languageModel, provider, reason }
    }
    await languageModel.close()
    return { languageModel: onCpu, provider: 'cpu', reason: wrong(model, apart) }
  } catch (error) {
    await languageModel?.close().catch(() => undefined)
    const { next: _, ...why } = problemOf(error)
    return { languageModel: onCpu, provider: 'cpu', reason: `On the GPU it failed. ${sentence(why)}` }
  }
}

const wrong = ({ name }: Model, apart: number): string =>
  `${name}: on the GPU a row differs from the same on the cpu by ${apart.toExponential(1)} of its largest value, ` +
  `more than ${TOLERANCE}.`
