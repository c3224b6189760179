import { problem } from '#contract/problem.ts'

/** No vocabulary has a token that begins with it. */
const NEVER = '\0'

/**
 * `model` of a tokenizer.json as the library can follow it exactly. A word-level model is one of word pieces in which
 * no word goes on in a second piece.
 * @throws Problem for one whose ids would differ
 */
export function tokenModel(model: unknown, file: string): unknown {
  if (model === null || typeof model !== 'object') return model
  const { type, byte_fallback: fallsBack } = model as { type?: unknown; byte_fallback?: unknown }
  if (type === 'WordLevel')
    return {
      ...model,
      type: 'WordPiece',
      continuing_subword_prefix: NEVER,
      max_input_chars_per_word: Number.MAX_SAFE_INTEGER,
    }
  if (type === 'Unigram' && fallsBack === true)
    throw problem(
      'unsupported',
      file,
      'it is a Unigram model that falls back on bytes, which is not implemented',
      'Make token ids elsewhere and add them as a corpus of ids.',
    )
  return model
}
