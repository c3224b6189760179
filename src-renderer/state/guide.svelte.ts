import { demo } from './demo.svelte.ts'

/** The guided path through the Demo workspace; `end` says what to look at afterwards. */
export const STEPS = ['feature', 'threshold', 'stitch', 'end'] as const
export type GuideStep = (typeof STEPS)[number]

const KEY = 'suture.guide'
interface Saved {
  step: GuideStep
  done: GuideStep[]
  /** Walked to its end, or skipped. */
  over: boolean
}
const FRESH: Saved = { step: 'feature', done: [], over: false }

function saved(): Saved {
  try {
    const found = { ...FRESH, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Saved>) }
    return STEPS.includes(found.step) && Array.isArray(found.done) ? found : FRESH
  } catch {
    return FRESH
  }
}

/** How far a person is on the guided path: kept in the browser, walked again whenever they like. */
class Guide {
  #values = $state.raw(saved())
  /** The error before and after the change that made it fall. */
  fell = $state.raw<{ before: number; after: number } | null>(null)

  readonly isShown = $derived(demo.isWhole && !this.#values.over)

  get step(): GuideStep {
    return this.#values.step
  }
  isDone(step: GuideStep): boolean {
    return this.#values.done.includes(step)
  }

  /** From the first step, as if it had never been walked. */
  begin(): void {
    this.fell = null
    this.#set(FRESH)
  }
  goTo(step: GuideStep): void {
    this.#set({ ...this.#values, step })
  }
  end(): void {
    this.#set({ ...this.#values, over: true })
  }

  /** The person did what a step asks for; views say so whether or not the path is being walked. */
  did(step: GuideStep): void {
    if (!this.isShown || this.isDone(step)) return
    this.#set({ ...this.#values, done: [...this.#values.done, step] })
  }
  /** An edit of a hybrid was made; where the error fell, the last step is done. */
  errorMoved(before: number, after: number): void {
    if (after >= before || !this.isShown) return
    this.fell = { before, after }
    this.did('stitch')
  }

  #set(values: Saved): void {
    this.#values = values
    localStorage.setItem(KEY, JSON.stringify(values))
  }
}
export const guide = new Guide()
