const FOCUSABLE =
  'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex="0"]'

/**
 * Lets what scrolls be scrolled by keyboard: an element that overflows and holds nothing that takes the focus takes it
 * itself. For `{@attach scrollByKeyboard}`.
 */
export function scrollByKeyboard(element: HTMLElement): () => void {
  const look = (): void => {
    const overflows = element.scrollHeight > element.clientHeight
    if (overflows && !element.querySelector(FOCUSABLE)) element.tabIndex = 0
    else element.removeAttribute('tabindex')
  }
  const resized = new ResizeObserver(look)
  const changed = new MutationObserver(look)
  resized.observe(element)
  changed.observe(element, { childList: true, characterData: true, subtree: true })
  look()
  return () => {
    resized.disconnect()
    changed.disconnect()
  }
}
