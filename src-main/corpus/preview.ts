import type { Corpus, TokenPreview } from '#contract/corpus.ts'
import { contexts, type ContextShape } from './contexts.ts'
import type { TextTokenizer } from './encode-pieces.ts'

interface ReadableTokenizer extends TextTokenizer {
  token(id: number): string
}

/** The first contexts as the model would see them; without a tokenizer the ids stand for the tokens. */
export async function preview(
  corpus: Corpus,
  tokenizer: ReadableTokenizer | null,
  shape: ContextShape,
  rows: number,
): Promise<TokenPreview[]> {
  const previews: TokenPreview[] = []
  for await (const { ids } of contexts(corpus, tokenizer, shape)) {
    const tokens = Array.from(ids, (id) => (tokenizer ? tokenizer.token(id) : `#${id}`))
    previews.push({ ids: [...ids], tokens })
    if (previews.length === rows) break
  }
  return previews
}
