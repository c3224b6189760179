/** Steps between two tries where pruning did not pay. */
const TRY_EVERY = 32

/**
 * Whether a step is to be pruned. Where most blocks of a batch let too many features through, as inputs do that are
 * never negative, the search in 8 bits was in vain, and the next steps go without. Decided by counts, not by the clock,
 * and begun anew whenever the state is read: a run that was killed and the one that went on from the same checkpoint prune
 * the same steps.
 */
export class PruningTrial {
  #pays = true

  /** @param step how many were made before */
  isDue(step: number): boolean {
    return this.#pays || step % TRY_EVERY === 0
  }

  /** @param pruned blocks of a step that was tried, of so many */
  settle(pruned: number, blocks: number): void {
    this.#pays = pruned * 2 >= blocks
  }
}
