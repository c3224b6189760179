import type { StitchEdit } from '#contract/stitch.ts'

/** A press becomes a drag after so many pixels; below, it is a click. */
const SLOP = 5

/** Where letting go makes the edit: over the hybrid, or anywhere outside the pane that the drag began in. */
type Target = 'hybrid' | 'outside'

interface Drag {
  edit: StitchEdit
  /** Told when what is dragged comes over its target or leaves it. */
  onhover: (over: boolean) => void
  /** Told once, with whether it was over its target. */
  ondrop: (over: boolean) => void
}

/** What only takes features out goes out; everything else comes in. */
export const targetOf = ({ base, donor }: StitchEdit): Target =>
  base.add.length + donor.add.length === 0 ? 'outside' : 'hybrid'

/** What is being dragged, and where the pointer is. */
class FeatureDrag {
  edit = $state.raw<StitchEdit | null>(null)
  x = $state(0)
  y = $state(0)
  over = $state(false)
  readonly target = $derived(this.edit && targetOf(this.edit))

  /** Follows a press until it is let go. Nothing native: the ghost, the drop and the numbers are ours. */
  start(event: PointerEvent, { edit, onhover, ondrop }: Drag): void {
    if (event.button !== 0) return
    const from = { x: event.clientX, y: event.clientY }
    const pane = event.target instanceof Element ? event.target.closest('.pane') : null
    const isOver = (at: PointerEvent): boolean => {
      const below = document.elementFromPoint(at.clientX, at.clientY)
      return targetOf(edit) === 'hybrid'
        ? below?.closest('[data-drop="hybrid"]') != null
        : below !== null && !pane?.contains(below)
    }
    const move = (to: PointerEvent): void => {
      if (this.edit !== edit) {
        if (Math.hypot(to.clientX - from.x, to.clientY - from.y) < SLOP) return
        this.edit = edit
      }
      to.preventDefault()
      this.x = to.clientX
      this.y = to.clientY
      const over = isOver(to)
      if (over !== this.over) {
        this.over = over
        onhover(over)
      }
    }
    const end = (to: PointerEvent | KeyboardEvent): void => {
      if (to instanceof KeyboardEvent && to.key !== 'Escape') return
      window.removeEventListener('pointermove', move)
      for (const type of ENDS) window.removeEventListener(type, end as EventListener)
      if (this.edit !== edit) return
      const dropped = to.type === 'pointerup'
      const over = dropped && this.over
      if (this.over && !over) onhover(false)
      this.edit = null
      this.over = false
      if (!dropped) return
      swallowClick()
      ondrop(over)
    }
    window.addEventListener('pointermove', move)
    for (const type of ENDS) window.addEventListener(type, end as EventListener)
  }
}
export const featureDrag = new FeatureDrag()

const ENDS = ['pointerup', 'pointercancel', 'keydown'] as const

/** The click that the browser makes of a drag's end is no click. */
function swallowClick(): void {
  const swallow = (event: Event): void => event.stopPropagation()
  window.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0)
}
