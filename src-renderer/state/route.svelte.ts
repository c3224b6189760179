import { HOME, readAddress, writeAddress, type Address } from './address.ts'

interface Step {
  step: number
}

/** The address bar as state: one entry of the browser's history per place visited. */
class Route {
  path = $state(HOME)
  /** The same object while it says the same: what is derived from it is not derived again at every step. */
  query = $state.raw<Record<string, string>>({})
  #step = $state(0)
  #last = $state(0)
  #started = false

  get address(): Address {
    return { path: this.path, query: this.query }
  }
  get canGoBack(): boolean {
    return this.#step > 0
  }
  get canGoForward(): boolean {
    return this.#step < this.#last
  }

  /** Follows the address bar; returns what ends it. */
  start(): () => void {
    const follow = (): void => this.#follow()
    follow()
    window.addEventListener('popstate', follow)
    return () => window.removeEventListener('popstate', follow)
  }

  /** To another place: a new entry of the history. */
  go(path: string, query: Record<string, string> = {}): void {
    const hash = writeAddress({ path, query })
    if (hash === writeAddress(this.address)) return
    const step: Step = { step: this.#step + 1 }
    history.pushState(step, '', hash)
    this.#step = this.#last = step.step
    this.#arrive(hash)
  }

  /** Where an answer that is on its way may lead: from here only, and nowhere once the person has gone elsewhere. */
  fromHere(): (path: string) => void {
    const { path: here } = this
    return (path) => {
      if (this.path === here) this.go(path)
    }
  }

  /** The same place seen otherwise (sorting, a selection): changes the address without a new entry. */
  refine(query: Record<string, string>): void {
    const address = { path: this.path, query: { ...this.query, ...query } }
    const hash = writeAddress(address)
    if (hash === writeAddress(this.address)) return
    history.replaceState({ step: this.#step } satisfies Step, '', hash)
    this.#arrive(hash)
  }

  back(): void {
    history.back()
  }
  forward(): void {
    history.forward()
  }

  #follow(): void {
    const known = history.state as Step | null
    // A link that was clicked (or the first page) has no step yet: it is one further than where we were.
    const step = known?.step ?? (this.#started ? this.#step + 1 : 0)
    if (!known) history.replaceState({ step } satisfies Step, '', location.hash || `#${HOME}`)
    this.#started = true
    this.#step = step
    this.#last = known ? Math.max(this.#last, step) : step
    this.#arrive(location.hash)
  }

  #arrive(hash: string): void {
    const { path, query } = readAddress(hash)
    this.path = path
    if (writeAddress({ path: '', query }) !== writeAddress({ path: '', query: this.query }))
      this.query = query
  }
}
export const route = new Route()
