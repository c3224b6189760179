/**
 * Marks the first element that fits a selector with `data-guided`, now or as soon as there is one, and focuses it once if
 * asked to; returns what ends it.
 */
export function pointAt(selector: string, focus: boolean): () => void {
  let shown: Element | null = null
  let toFocus = focus
  const look = (): void => {
    const found = document.querySelector<HTMLElement | SVGElement>(selector)
    if (found === shown) return
    shown?.removeAttribute('data-guided')
    shown = found
    found?.setAttribute('data-guided', '')
    if (toFocus) found?.focus()
    toFocus &&= found === null
  }
  const watch = new MutationObserver(look)
  watch.observe(document.body, { childList: true, subtree: true })
  look()
  return () => {
    watch.disconnect()
    shown?.removeAttribute('data-guided')
  }
}
