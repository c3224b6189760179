import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { problem } from '#contract/problem.ts'
import { readJsonObject, type Config } from './config.ts'
import { spellOutNormalizer } from './normalizer.ts'
import { spellOut } from './pre-tokenizer.ts'
import { tokenModel } from './token-model.ts'
import { tokenTextOf } from './token-text.ts'

/** Text to token ids and back, as the model was trained with. */
export interface Tokenizer {
  /** Without special tokens; text that spells one (`<|endoftext|>`) becomes it. */
  encode(text: string): number[]
  /** Without special tokens; text that spells one stays text, as the text of a corpus must. */
  encodePlain(text: string): number[]
  decode(ids: readonly number[]): string
  /** One token as readable text; a leading space is a space. Ids without a token give "". */
  token(id: number): string
  /** Every token by id. */
  tokenStrings(): string[]
  /** The id put before a context; null when the tokenizer has none. 0 is a valid id. */
  readonly bosId: number | null
}

export const hasTokenizer = (folder: string): boolean => existsSync(join(folder, 'tokenizer.json'))

const readOptional = (file: string): Config => (existsSync(file) ? readJsonObject(file) : {})

/** A special token is written as its text, or as an object with `content`. */
function specialToken(config: Config, key: string): string | null | undefined {
  const value = config[key]
  if (value === null || value === undefined || typeof value === 'string') return value
  const content = (value as { content?: unknown }).content
  return typeof content === 'string' ? content : undefined
}

/**
 * The beginning-of-sequence id: what the tokenizer's files say; only where they say nothing at all (GPT-2's do not),
 * what config.json says.
 */
function bosOf(folder: string, idOf: (token: string) => number | undefined): number | null {
  for (const name of ['tokenizer_config.json', 'special_tokens_map.json']) {
    const token = specialToken(readOptional(join(folder, name)), 'bos_token')
    if (token === null) return null
    if (token !== undefined) return idOf(token) ?? null
  }
  return bosFromConfig(folder)
}

/** `bos_token_id` of config.json. */
export function bosFromConfig(folder: string): number | null {
  const id = readOptional(join(folder, 'config.json'))['bos_token_id']
  return typeof id === 'number' ? id : null
}

/** Opens tokenizer.json of a model folder. @throws Problem when it is missing or cannot be understood. */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const file = join(folder, 'tokenizer.json')
  if (!hasTokenizer(folder))
    throw problem(
      'not-found',
      folder,
      'it has no tokenizer.json',
      'Save the tokenizer into the folder with AutoTokenizer.from_pretrained(…).save_pretrained(…), or use token ids made elsewhere.',
    )
  const read = readJsonObject(file)
  const json = {
    ...read,
    normalizer: spellOutNormalizer(read['normalizer']),
    pre_tokenizer: spellOut(read['pre_tokenizer']),
    model: tokenModel(read['model'], file),
  }
  let inner: HuggingFaceTokenizer
  try {
    inner = new HuggingFaceTokenizer(json, readOptional(join(folder, 'tokenizer_config.json')))
  } catch (error) {
    throw problem(
      'unsupported',
      file,
      `it cannot be used (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  return readableTokenizer(inner, json, folder)
}

/** The same tokenizer, which does not look for special tokens in a text. */
function withoutSpecialTokens(json: Config, folder: string): HuggingFaceTokenizer {
  const added = (Array.isArray(json['added_tokens']) ? json['added_tokens'] : []) as { special?: boolean }[]
  return new HuggingFaceTokenizer(
    { ...json, added_tokens: added.filter((token) => !token.special) },
    readOptional(join(folder, 'tokenizer_config.json')),
  )
}

function readableTokenizer(inner: HuggingFaceTokenizer, json: Config, folder: string): Tokenizer {
  const text = tokenTextOf(json['decoder'])
  const special = inner.get_added_tokens_decoder()
  const token = (id: number): string => special.get(id)?.content ?? text(inner.id_to_token(id) ?? '')
  let plain: HuggingFaceTokenizer | undefined
  return {
    encode: (input) => inner.encode(input, { add_special_tokens: false }).ids,
    encodePlain(input) {
      plain ??= withoutSpecialTokens(json, folder)
      return plain.encode(input, { add_special_tokens: false }).ids
    },
    decode: (ids) =>
      ids.length === 0
        ? ''
        : inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    token,
    tokenStrings: () => {
      const last = inner
        .get_vocab(true)
        .values()
        .reduce((most, id) => Math.max(most, id), -1)
      return Array.from({ length: last + 1 }, (_, id) => token(id))
    },
    bosId: bosOf(folder, (content) => inner.token_to_id(content)),
  }
}
