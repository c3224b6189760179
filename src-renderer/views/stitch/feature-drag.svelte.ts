import type { Picked } from './candidates.ts'

/** A press becomes a drag after so many pixels; below, it is a click. */
const SLOP = 5

/** What is being dragged, and where the pointer is. */
class FeatureDrag {
  picked = $state.raw<Picked | null>(null)
  title = $state('')
  x = $state(0)
  y = $state(0)
  overHybrid = $state(false)

  /**
   * Follows a press on a row of features until it is let go. Nothing native: the ghost, the drop and the numbers are ours.
   * @param onhover told when what is dragged comes over the hybrid or leaves it
   * @param ondrop told once, with whether it was over the hybrid
   */
  start(
    event: PointerEvent,
    drag: {
      picked: Picked
      title: string
      onhover: (over: boolean) => void
      ondrop: (over: boolean) => void
    },
  ): void {
    if (event.button !== 0) return
    const from = { x: event.clientX, y: event.clientY }
    let dragging = false
    const move = (to: PointerEvent): void => {
      if (!dragging && Math.hypot(to.clientX - from.x, to.clientY - from.y) < SLOP) return
      if (!dragging) {
        dragging = true
        this.picked = drag.picked
        this.title = drag.title
      }
      to.preventDefault()
      this.x = to.clientX
      this.y = to.clientY
      const over = isOverHybrid(to)
      if (over !== this.overHybrid) {
        this.overHybrid = over
        drag.onhover(over)
      }
    }
    const end = (to: PointerEvent | KeyboardEvent): void => {
      if (to instanceof KeyboardEvent && to.key !== 'Escape') return
      for (const type of ['pointermove', 'pointerup', 'pointercancel', 'keydown'] as const)
        window.removeEventListener(
          type,
          type === 'pointermove' ? (move as EventListener) : (end as EventListener),
        )
      if (!dragging) return
      const over = to.type === 'pointerup' && this.overHybrid
      if (this.overHybrid && !over) drag.onhover(false)
      this.picked = null
      this.overHybrid = false
      if (to.type === 'pointerup') {
        swallowClick()
        drag.ondrop(over)
      }
    }
    window.addEventListener('pointermove', move)
    for (const type of ['pointerup', 'pointercancel', 'keydown'] as const)
      window.addEventListener(type, end as EventListener)
  }
}
export const featureDrag = new FeatureDrag()

const isOverHybrid = ({ clientX, clientY }: PointerEvent): boolean =>
  document.elementFromPoint(clientX, clientY)?.closest('[data-drop="hybrid"]') != null

/** The click that the browser makes of a drag's end is no click. */
function swallowClick(): void {
  const swallow = (event: Event): void => event.stopPropagation()
  window.addEventListener('click', swallow, { capture: true, once: true })
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0)
}
