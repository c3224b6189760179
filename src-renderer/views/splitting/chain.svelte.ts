import type { Comparison } from '#contract/compare.ts'
import type { Job } from '#contract/job.ts'
import type { Sae } from '#contract/sae.ts'
import { engine } from '../../rpc.ts'
import { jobs } from '../../state/jobs.svelte.ts'
import { attempt } from '../../state/notices.svelte.ts'
import { things } from '../../state/things.svelte.ts'

/** Two neighbours of a chain of SAEs, and the comparison of the two: there, under way, or still to be made. */
export interface Neighbours {
  narrower: Sae
  wider: Sae
  comparison: Comparison | undefined
  job: Job | undefined
}

/** SAEs of one hook point, the narrowest first, and the comparisons between neighbours. */
export class Chain {
  readonly #ids: () => readonly string[]
  readonly #asked: string[] = []

  readonly saes = $derived.by(() =>
    this.#ids().flatMap((id) => things.saes.find((sae) => sae.id === id && sae.complete) ?? []),
  )
  readonly pairs = $derived.by((): Neighbours[] =>
    this.saes.slice(1).map((wider, n) => {
      const narrower = this.saes[n]
      const all = things.comparisons.filter(({ aId, bId }) => aId === narrower.id && bId === wider.id)
      const whole = all.find(({ complete, cosine }) => complete && cosine !== null)
      const job = whole ? undefined : all.map(({ id }) => jobs.making(id)).find((found) => found)
      return { narrower, wider, comparison: whole, job }
    }),
  )
  readonly complete = $derived(this.pairs.length > 0 && this.pairs.every(({ comparison }) => comparison))

  constructor(ids: () => readonly string[]) {
    this.#ids = ids
  }

  /** Starts what is missing, each once. */
  async compareMissing(): Promise<void> {
    for (const { narrower, wider, comparison, job } of this.pairs) {
      const key = `${narrower.id} ${wider.id}`
      if (comparison || job || this.#asked.includes(key)) continue
      this.#asked.push(key)
      await attempt(() => engine.compare.create({ aId: narrower.id, bId: wider.id }))
    }
    await things.changed()
  }
}
