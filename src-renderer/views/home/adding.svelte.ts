import { problemOf, type Problem } from '#contract/problem.ts'
import { route } from '../../state/route.svelte.ts'
import { things } from '../../state/things.svelte.ts'

/** Adding one thing: asks the engine, then goes to what was added; a failure stays beside the form. */
export class Adding {
  busy = $state(false)
  problem = $state.raw<Problem | null>(null)

  async run(ask: () => Promise<{ id: string }>): Promise<void> {
    this.busy = true
    this.problem = null
    const go = route.fromHere()
    try {
      const { id } = await ask()
      await things.changed()
      go(`/home/${id}`)
    } catch (error) {
      this.problem = problemOf(error)
    } finally {
      this.busy = false
    }
  }
}

/** A field that may be left empty, as the engine wants it. */
export const ifGiven = <K extends string>(key: K, text: string): { [P in K]?: string } =>
  text.trim() === '' ? {} : ({ [key]: text.trim() } as { [P in K]: string })
