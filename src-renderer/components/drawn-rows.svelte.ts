import { flushSync } from 'svelte'
import { ROW, rowOfSlot, rowsAround, slotsInOrder } from './row-window.ts'

/** Milliseconds without scrolling after which the list stands still. */
const STILL_MS = 120
/** Pixels. No pane is higher; one that has no height yet must not draw 100,000 rows. */
const HIGHEST = 5000

/**
 * Which rows of a scrolled list are drawn, and by which elements: a fixed number of them, each given another row when its
 * own scrolls away, since making elements is what takes the time. Make it while a component is being set up.
 */
export class DrawnRows {
  readonly #rows: () => number
  readonly #fit: () => boolean
  /** Pixels of the list that are seen; bind it. */
  height = $state(0)
  top = $state(0)
  #scroller: HTMLElement | null = null
  /** The first row drawn when the list last stood still. */
  #stillAt = $state(0)

  readonly #room = $derived.by(() => (this.#fit() ? this.height : Math.min(this.height, HIGHEST)))
  // Two numbers, not one object: a pixel scrolled within a row changes neither, and nothing is drawn again.
  readonly first = $derived.by(() => rowsAround(this.top, this.#room, this.#rows()).first)
  readonly count = $derived.by(() => rowsAround(this.top, this.#room, this.#rows()).count)
  /** Elements in the order of the document: that of their rows, as soon as the list stands still. */
  readonly slots = $derived.by(() =>
    slotsInOrder({ first: Math.min(this.#stillAt, this.#rows()), count: this.count }),
  )
  readonly hasHeight = $derived.by(() => this.height >= ROW)

  /** @param fit whether the list is as high as its rows, so that all are drawn */
  constructor(rows: () => number, fit: () => boolean) {
    this.#rows = rows
    this.#fit = fit
    $effect(() => {
      const { first } = this
      if (first === this.#stillAt) return
      const timer = setTimeout(() => this.#putInOrder(first), STILL_MS)
      return () => clearTimeout(timer)
    })
  }

  has = (index: number): boolean => index >= this.first && index < this.first + this.count
  rowOf = (slot: number): number => rowOfSlot(slot, this)

  /** Follows the scrolling of an element that holds the rows; rows that have the focus give it to `grid` when they leave. */
  follow = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller
    this.top = scroller.scrollTop
    const scrolled = (): void => {
      this.top = scroller.scrollTop
      const focused = document.activeElement?.closest('[aria-rowindex]')
      if (!focused || !scroller.contains(focused) || this.has(Number(focused.ariaRowIndex) - 2)) return
      scroller.closest<HTMLElement>('[role=grid]')?.focus({ preventScroll: true })
    }
    scroller.addEventListener('scroll', scrolled, { passive: true })
    return () => scroller.removeEventListener('scroll', scrolled)
  }

  /** Scrolls as little as needed, and to whole rows: none is cut off under the heading. */
  bringIntoSight(index: number): void {
    if (!this.#scroller) return
    if (index * ROW < this.top) this.#scroller.scrollTop = index * ROW
    else if ((index + 1) * ROW > this.top + this.height)
      this.#scroller.scrollTop = Math.ceil(((index + 1) * ROW - this.height) / ROW) * ROW
    else return
    this.top = this.#scroller.scrollTop
  }

  /** Elements that are moved in the document lose the focus: it is given back. */
  #putInOrder(first: number): void {
    const focused = document.activeElement
    this.#stillAt = first
    flushSync()
    if (focused !== document.activeElement && focused instanceof HTMLElement)
      if (this.#scroller?.contains(focused)) focused.focus({ preventScroll: true })
  }
}
