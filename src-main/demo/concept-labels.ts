import { problem } from '#contract/problem.ts'
import { CONCEPTS, stories, type Span, type Story } from '../../scripts/demo/stories/index.ts'

interface Tokens {
  encodePlain(text: string): readonly number[]
  token(id: number): string
}

/** Per token of one story: bit c is set where the token overlaps a span of CONCEPTS[c]; a leading space does not count. */
function masksOf(story: Story, ids: readonly number[], tokenizer: Tokens): Uint32Array {
  const masks = new Uint32Array(ids.length)
  let at = 0
  for (const [i, id] of ids.entries()) {
    const text = tokenizer.token(id)
    const start = at + (text.length - text.trimStart().length)
    const end = at + text.length
    for (const span of story.spans) if (span.start < end && span.end > start) masks[i] |= bitOf(span)
    at = end
  }
  if (at !== story.text.length)
    throw problem(
      'mismatch',
      'demo tokenizer',
      `a story of ${story.text.length} characters has tokens of ${at}`,
    )
  return masks
}
const bitOf = ({ concept }: Span): number => 1 << CONCEPTS.indexOf(concept)

/**
 * The concepts of a run of tokens that were made from the stories of a seed, in order, with BOS between and before.
 * @param ids [T]
 * @returns [T] bit masks over CONCEPTS; 0 for BOS
 * @throws Problem where the ids are not those of the stories: labels that are off by one would be worse than none
 */
export function conceptMasks(ids: Int32Array, bosId: number, tokenizer: Tokens, seed: number): Uint32Array {
  const masks = new Uint32Array(ids.length)
  const source = stories(seed)
  let story: { ids: readonly number[]; masks: Uint32Array } = { ids: [], masks: new Uint32Array(0) }
  let at = 0
  for (let t = 0; t < ids.length; t++) {
    if (ids[t] === bosId) continue
    if (at === story.ids.length) {
      const next = source.next().value
      const encoded = tokenizer.encodePlain(next.text)
      story = { ids: encoded, masks: masksOf(next, encoded, tokenizer) }
      at = 0
    }
    if (ids[t] !== story.ids[at])
      throw problem(
        'mismatch',
        'demo activations',
        `token ${t} is ${ids[t]}, the stories have ${story.ids[at]} there`,
      )
    masks[t] = story.masks[at++]
  }
  return masks
}
