import type { SaeId } from '#contract/ids.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'

/** Weights kept in memory; the one asked for last always is. */
const KEPT_BYTES = 2 ** 30

/** The weights of SAEs, kept while there is room for them, least recently used out first. */
export class LoadedSaes {
  readonly #workspace: Workspace
  readonly #kept = new Map<SaeId, SaeWeights>()
  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get(id: SaeId): SaeWeights {
    const weights = this.#kept.get(id) ?? loadSae(this.#workspace, id).weights
    this.#kept.delete(id)
    this.#kept.set(id, weights)
    for (const oldest of this.#kept.keys()) {
      if (oldest === id || this.#bytes() <= KEPT_BYTES) break
      this.#kept.delete(oldest)
    }
    return weights
  }

  #bytes(): number {
    return [...this.#kept.values()].reduce((sum, w) => sum + w.encoder.byteLength + w.decoder.byteLength, 0)
  }
}
