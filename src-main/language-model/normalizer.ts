// A step of a tokenizer.json: making text uniform before it is cut. The library has no Nmt, and its Strip takes U+FEFF
// for a space and U+0085 for none; both are said as the replacements they stand for.
// https://github.com/huggingface/tokenizers/tree/main/tokenizers/src/normalizers

interface Step {
  type?: unknown
  strip_left?: unknown
  strip_right?: unknown
  normalizers?: unknown
}

const replace = (pattern: string, content: string): object => ({
  type: 'Replace',
  pattern: { Regex: pattern },
  content,
})
/** Control characters go, and what stands for space becomes one. */
const NMT = [
  replace(String.raw`[\u0001-\u0008\u000B\u000E-\u001F\u007F\u008F\u009F]`, ''),
  replace(String.raw`[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]`, ' '),
]
/** White space as Unicode has it. */
const SPACE = String.raw`[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+`

/** `normalizer` of a tokenizer.json, with what the library lacks spelt out. */
export function spellOutNormalizer(step: unknown): unknown {
  if (step === null || typeof step !== 'object') return step
  const { type, strip_left: left, strip_right: right, normalizers } = step as Step
  if (Array.isArray(normalizers)) return { ...step, normalizers: normalizers.map(spellOutNormalizer) }
  if (type === 'Nmt') return { type: 'Sequence', normalizers: NMT }
  if (type === 'Strip') {
    const ends = [...(left === false ? [] : [`^${SPACE}`]), ...(right === false ? [] : [`${SPACE}$`])]
    return { type: 'Sequence', normalizers: ends.map((pattern) => replace(pattern, '')) }
  }
  return step
}
