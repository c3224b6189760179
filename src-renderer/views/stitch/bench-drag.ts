import type { StitchEdit } from '#contract/stitch.ts'
import type { BenchOnScreen } from './bench-on-screen.svelte.ts'
import type { Picked } from './candidates.ts'
import { featureDrag } from './feature-drag.svelte.ts'

/** Lets an edit be dragged from where it was pressed; while it hangs over its target, the numbers show what it gives. */
export function dragEdit(bench: BenchOnScreen, event: PointerEvent, edit: StitchEdit, picked?: Picked): void {
  featureDrag.start(event, {
    edit,
    onhover: (over) => (over ? void bench.hang(edit, picked) : bench.letGo()),
    ondrop: (over) => (over ? void bench.apply(edit) : bench.letGo()),
  })
}

/** The same for features of one parent: those outside the hybrid come in, those inside go. */
export const dragFeatures = (bench: BenchOnScreen, event: PointerEvent, picked: Picked): void =>
  dragEdit(bench, event, bench.editFor(picked), picked)
