/** Follows the pointer from a press on `target` to its release; `move` is given x and y within `within`. */
export function drag(
  event: PointerEvent,
  within: Element,
  move: (x: number, y: number, over: boolean) => void,
): void {
  if (event.button !== 0) return
  event.preventDefault()
  event.stopPropagation()
  const target = event.currentTarget as Element & HTMLOrSVGElement
  target.focus?.()
  target.setPointerCapture(event.pointerId)
  const tell = (over: boolean) => (e: Event) => {
    const box = within.getBoundingClientRect()
    const { clientX, clientY } = e as PointerEvent
    move(clientX - box.left, clientY - box.top, over)
  }
  const onMove = tell(false)
  const onUp = (e: Event): void => {
    tell(true)(e)
    target.removeEventListener('pointermove', onMove)
    target.removeEventListener('pointerup', onUp)
    target.removeEventListener('pointercancel', onUp)
  }
  target.addEventListener('pointermove', onMove)
  target.addEventListener('pointerup', onUp)
  target.addEventListener('pointercancel', onUp)
}
