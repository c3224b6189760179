/** Paths that were dropped on the window, waiting for the pane that adds them. */
class Dropped {
  #paths: string[] = []

  put(paths: string[]): void {
    this.#paths = paths
  }
  /** The paths, once. */
  take(): string[] {
    const paths = this.#paths
    this.#paths = []
    return paths
  }
}
export const dropped = new Dropped()
