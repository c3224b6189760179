/** Things that are slow to open, kept while they are used and closed when nobody asked for a while. */
export class KeptOpen<T> {
  readonly #open: (id: string) => T
  readonly #close: (thing: T) => void
  readonly #idleMs: number
  readonly #kept = new Map<string, { thing: T; timer: NodeJS.Timeout }>()

  constructor(open: (id: string) => T, close: (thing: T) => void, idleMs: number) {
    this.#open = open
    this.#close = close
    this.#idleMs = idleMs
  }

  /** The thing of that id; one that `isStale` is opened anew. */
  get(id: string, isStale: (thing: T) => boolean = () => false): T {
    const known = this.#kept.get(id)
    if (known && !isStale(known.thing)) {
      known.timer.refresh()
      return known.thing
    }
    this.release(id)
    const thing = this.#open(id)
    const timer = setTimeout(() => this.release(id), this.#idleMs)
    timer.unref()
    this.#kept.set(id, { thing, timer })
    return thing
  }

  release(id: string): void {
    const known = this.#kept.get(id)
    if (!known) return
    clearTimeout(known.timer)
    this.#kept.delete(id)
    this.#close(known.thing)
  }

  closeAll(): void {
    for (const id of [...this.#kept.keys()]) this.release(id)
  }
}
