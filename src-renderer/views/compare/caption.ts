import { count } from '#figures/number.ts'
import { things } from '../../state/things.svelte.ts'
import type { ComparisonState } from './comparison-state.svelte.ts'
import { otherOf } from './words.ts'
import type { SideName } from './side.ts'

const saeIdOf = ({ comparison }: ComparisonState, name: SideName) =>
  name === 'a' ? comparison.aId : comparison.bId

/** "x in y · 100,000 tokens, position 0 left out · 2026-03-12": what a figure's numbers were made of. */
export function captionOf(shown: ComparisonState, name: SideName, what: 'directions' | 'tokens'): string {
  const on = shown.comparison.activations?.evaluatedOn
  return [
    `${things.nameOf(saeIdOf(shown, name))} in ${things.nameOf(saeIdOf(shown, otherOf(name)))}`,
    what === 'tokens' && on
      ? `${count(on.tokens)} tokens${on.skippedPosition0 ? ', position 0 left out' : ''}`
      : `${count(shown.side(name).count)} features`,
    shown.comparison.createdAt.slice(0, 10),
  ].join(' · ')
}
