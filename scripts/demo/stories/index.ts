import { seededRandom } from '../../../src-main/math/random.ts'
import type { Story } from './concepts.ts'
import {
  arithmetic,
  brackets,
  code,
  days,
  indirectObject,
  months,
  polite,
  rude,
  spanish,
  tale,
} from './kinds.ts'
import { Page } from './page.ts'

export { CONCEPTS, type Concept, type Span, type Story } from './concepts.ts'

/** How often each kind of paragraph comes; a story is two to five of them, mostly of different kinds. */
const KINDS: readonly (readonly [(page: Page) => void, number])[] = [
  [indirectObject, 14],
  [tale, 6],
  [days, 2],
  [months, 1],
  [arithmetic, 3],
  [brackets, 4],
  [code, 2],
  [polite, 2],
  [rude, 2],
  [spanish, 3],
]
const TOTAL = KINDS.reduce((sum, [, weight]) => sum + weight, 0)

function draw(page: Page): (page: Page) => void {
  let left = page.random() * TOTAL
  for (const [kind, weight] of KINDS) if ((left -= weight) < 0) return kind
  return KINDS[0][0]
}

/** Stories without end, the same for the same seed. */
export function* stories(seed: number): Generator<Story, never, void> {
  const random = seededRandom(seed)
  while (true) {
    const page = new Page(random)
    for (let i = 0, paragraphs = page.whole(2, 5); i < paragraphs; i++) {
      if (i > 0) page.say('\n')
      draw(page)(page)
    }
    yield page.done()
  }
}
