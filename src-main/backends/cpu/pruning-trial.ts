/** Steps between two tries where pruning did not pay. */
const TRY_EVERY = 32

/**
 * Whether a step is to be pruned. Where most blocks of a batch let too many features through, as inputs do that are
 * never negative, the search in 8 bits was in vain, and the next steps go without. Decided by counts, not by the clock:
 * the same run prunes the same steps. One that is taken up again between two tries begins with a try, and then agrees
 * to rounding: a pruned step selects the same features.
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
