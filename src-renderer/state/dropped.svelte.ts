/** Paths that were dropped on the window, waiting for the pane that adds them. */
class Dropped {
  #paths: string[] = []
  /** Grows with each drop, so that a pane that is open already takes the new paths. */
  times = $state(0)

  put(paths: string[]): void {
    this.#paths = paths
    this.times++
  }
  /** The paths, once. */
  take(): string[] {
    const paths = this.#paths
    this.#paths = []
    return paths
  }
}
export const dropped = new Dropped()
