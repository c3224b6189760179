import type { TriedText } from '#contract/feature.ts'
import type { Encoder } from '../backends/cpu/encoder.ts'
import type { LanguageModel } from '../language-model/language-model.ts'
import type { Tokenizer } from '../language-model/tokenizer.ts'

export interface TextReader {
  model: LanguageModel
  tokenizer: Tokenizer
  encoder: Encoder
  hookName: string
}

/** Runs a text through the model to the SAE's hook point and encodes every token. */
export async function tryText(
  { model, tokenizer, encoder, hookName }: TextReader,
  text: string,
): Promise<TriedText> {
  const { bosId, prependBos, contextSize } = model.model
  const beginsWithBos = prependBos && bosId !== null
  const all = [...(beginsWithBos ? [bosId] : []), ...tokenizer.encode(text)]
  const ids = Int32Array.from(all.slice(0, contextSize))
  const [activations] = await model.runTo([hookName], ids, 1)
  const { start, feature, value } = await encoder.encode(activations, ids.length)
  return {
    tokens: Array.from(ids, (id) => tokenizer.token(id)),
    start,
    feature,
    value,
    beginsWithBos,
    cutOff: all.length - ids.length,
  }
}
