import { tick } from 'svelte'

// Moving about in a chart that is longer than the pane it scrolls in.

const ZOOMS = [0.6, 0.8, 1, 1.3, 1.7]
const [LEAST, MOST] = [ZOOMS[0], ZOOMS[ZOOMS.length - 1]]
const A_LINE = 16
const PER_PIXEL = 0.002

/** The element that scrolls what is in `element`. */
function scrollerOf(element: Element): Element | null {
  for (let at: Element | null = element; at; at = at.parentElement)
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at
  return null
}

/** Scrolls with the pointer until it is let go; a finger scrolls by itself. */
function pan(event: PointerEvent, chart: Element): void {
  const scroller = scrollerOf(chart)
  if (event.button !== 0 || event.pointerType === 'touch' || !scroller) return
  event.preventDefault()
  chart.setPointerCapture(event.pointerId)
  let last = { x: event.clientX, y: event.clientY }
  const move = (e: Event): void => {
    const { clientX: x, clientY: y } = e as PointerEvent
    scroller.scrollBy({ left: last.x - x, top: last.y - y, behavior: 'instant' })
    last = { x, y }
  }
  const end = (): void => {
    chart.removeEventListener('pointermove', move)
    for (const type of ['pointerup', 'pointercancel']) chart.removeEventListener(type, end)
  }
  chart.addEventListener('pointermove', move)
  for (const type of ['pointerup', 'pointercancel']) chart.addEventListener(type, end)
}

/**
 * How large a chart is drawn, and the pointer, wheel and keys that move about in it: a drag of its ground pans; the wheel
 * with Ctrl (or two fingers on a pad) and + − 0 zoom. The wheel alone and the arrow keys scroll, as anywhere.
 */
export class Zoom {
  scale = $state(1)
  readonly isLeast = $derived(this.scale <= LEAST)
  readonly isMost = $derived(this.scale >= MOST)
  #around: HTMLElement | null = null

  /** For `{@attach zoom.attach}` on what is around the chart. */
  readonly attach = (around: HTMLElement): (() => void) => {
    this.#around = around
    const listen = { wheel: this.#wheel, keydown: this.#key, pointerdown: this.#press }
    for (const [type, listener] of Object.entries(listen))
      around.addEventListener(type, listener as EventListener, { passive: false })
    return () => {
      for (const [type, listener] of Object.entries(listen))
        around.removeEventListener(type, listener as EventListener)
    }
  }

  /** To the next larger (1) or smaller (−1) of the named zooms. */
  step(by: 1 | -1): void {
    const next =
      by > 0 ? ZOOMS.find((one) => one > this.scale + 1e-6) : ZOOMS.findLast((one) => one < this.scale - 1e-6)
    if (next !== undefined) void this.#to(next, this.#middle())
  }

  get #chart(): Element | null {
    return this.#around?.querySelector('svg[role="group"]') ?? null
  }
  /** The middle of what is in sight. */
  #middle(): number {
    const sight = this.#chart && scrollerOf(this.#chart)?.getBoundingClientRect()
    return sight ? (sight.top + sight.bottom) / 2 : 0
  }
  /** What was at `clientY` is there again afterwards. */
  async #to(scale: number, clientY: number): Promise<void> {
    const chart = this.#chart
    const from = chart ? clientY - chart.getBoundingClientRect().top : 0
    const ratio = scale / this.scale
    this.scale = scale
    await tick()
    if (chart) scrollerOf(chart)?.scrollBy({ top: from * (ratio - 1), behavior: 'instant' })
  }

  readonly #wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? A_LINE : 1)
    const scale = this.scale * Math.exp(-pixels * PER_PIXEL)
    void this.#to(Math.min(MOST, Math.max(LEAST, scale)), event.clientY)
  }
  readonly #key = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, altKey } = event
    if (ctrlKey || metaKey || altKey || !['+', '=', '-', '0'].includes(key)) return
    event.preventDefault()
    event.stopPropagation()
    if (key === '0') void this.#to(1, this.#middle())
    else this.step(key === '-' ? -1 : 1)
  }
  readonly #press = (event: PointerEvent): void => {
    const { target } = event
    const chart = target instanceof Element ? target.closest('svg[role="group"]') : null
    if (chart && !(target as Element).closest('[role="button"]')) pan(event, chart)
  }
}
