// A step of a tokenizer.json: cutting text into words. The library has shorthands for common patterns in
// JavaScript's own classes, where \s, \d and \w differ from the original tokenizers' (U+0085, U+FEFF, ², é); its Split
// step follows the original. So the shorthands are said as the patterns they stand for.
// https://github.com/huggingface/tokenizers/tree/main/tokenizers/src/pre_tokenizers

const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/** \w as Unicode has it (UTS 18, annex C), to stand between brackets. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200C\u200D`

interface Step {
  type?: unknown
  individual_digits?: unknown
  use_regex?: unknown
  add_prefix_space?: unknown
  pretokenizers?: unknown
  delimiter?: unknown
}

const split = (pattern: string, behavior: 'Isolated' | 'Removed', invert = false): object => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior,
  invert,
})

/** `pre_tokenizer` of a tokenizer.json, with its shorthands spelt out. */
export function spellOut(step: unknown): unknown {
  if (step === null || typeof step !== 'object') return step
  const { type, individual_digits: individual, use_regex, add_prefix_space, pretokenizers } = step as Step
  const { delimiter } = step as Step
  if (Array.isArray(pretokenizers)) return { ...step, pretokenizers: pretokenizers.map(spellOut) }
  if (type === 'Digits')
    return split(individual === true ? String.raw`\p{N}` : String.raw`\p{N}+`, 'Isolated')
  if (type === 'Whitespace') return split(`[${WORD}]+|[^${WORD}\\s]+`, 'Removed', true)
  if (type === 'WhitespaceSplit') return split(String.raw`\s+`, 'Removed')
  if (type === 'CharDelimiterSplit' && typeof delimiter === 'string')
    return split(`[^${delimiter.replace(/[\\\]^-]/g, '\\$&')}]+`, 'Removed', true)
  // A prefix space is added before the text is cut, so that step has to stay whole.
  if (type === 'ByteLevel' && use_regex !== false && add_prefix_space !== true)
    return { type: 'Sequence', pretokenizers: [split(GPT2_WORDS, 'Isolated'), { ...step, use_regex: false }] }
  return step
}
