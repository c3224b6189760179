import { assertNever } from '#contract/assert-never.ts'
import type { Demo } from '#contract/demo.ts'
import type { StitchId } from '#contract/ids.ts'
import { number, percent } from '#figures/number.ts'
import { engine } from '../rpc.ts'
import { demo } from '../state/demo.svelte.ts'
import { guide, STEPS, type GuideStep } from '../state/guide.svelte.ts'
import { load } from '../state/loaded.svelte.ts'
import { attempt } from '../state/notices.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { things } from '../state/things.svelte.ts'
import { benchOf, bestToAdd, featureToShow } from './guide-steps.ts'

const THRESHOLD = '[role="slider"][aria-label="Threshold between novel and reconstruction"]'
const DONOR_LIST = '[role="grid"][aria-label="Features of B"]'

/** Where the guided path leads and what it says there. Make it while a component is being set up. */
export class GuidedPath {
  busy = $state(false)
  #layingOut: Promise<string | null> | null = null
  /** The person asked to be taken here: what is pointed at is focused too. */
  toFocus = $state(false)
  readonly #made: Demo = $derived(demo.value!)
  readonly #feature = $derived(featureToShow(this.#made))
  readonly #bench = $derived(benchOf(this.#made, things.stitches))
  readonly #names = $derived(this.#made.saeIds.map((id) => things.nameOf(id)))
  readonly #place = $derived(this.#placeOf(guide.step))
  readonly isThere = $derived(this.#place !== null && route.path === this.#place)
  readonly isDone = $derived(guide.isDone(guide.step))
  /** At the place, with something still to do. */
  readonly isWaiting = $derived(this.isThere && !this.isDone)
  /** What to point at: a selector, or null. */
  readonly target = $derived(this.isWaiting ? this.#targetOf(guide.step) : null)
  readonly #best = load(async (signal) => {
    const bench = this.#bench
    if (!bench?.complete || guide.step !== 'stitch' || !this.isThere) return null
    return bestToAdd(bench.baseCount, await engine.stitch.effects({ id: bench.id }, { signal }))
  })
  readonly text = $derived.by(() => this.#textOf(guide.step))
  readonly goOnLabel = $derived.by(() => {
    if (guide.step === 'end') return 'See the concepts'
    return this.isThere || this.isDone ? 'Next' : 'Show me'
  })

  /** To the place of the step, or from there to that of the next. */
  goOn(): void {
    if (guide.step === 'end') {
      guide.end()
      route.go('/demo/concepts')
    } else if (this.isThere || this.isDone) this.goTo(STEPS[STEPS.indexOf(guide.step) + 1])
    else void this.#goThere()
  }
  goTo(step: GuideStep): void {
    guide.goTo(step)
    if (step !== 'end') void this.#goThere()
  }

  async #goThere(): Promise<void> {
    this.toFocus = true
    if (guide.step === 'threshold') void this.#layOut() // so that the next step need not wait for it
    const place = guide.step === 'stitch' ? await this.#layOut() : this.#place
    if (place) route.go(place)
  }

  /** The address of the bench, which is prepared where there is none. */
  #layOut(): Promise<string | null> {
    if (this.#bench) return Promise.resolve(`/stitch/${this.#bench.id}`)
    return (this.#layingOut ??= this.#newBench().finally(() => (this.#layingOut = null)))
  }

  async #newBench(): Promise<string | null> {
    const [baseId, donorId] = this.#made.saeIds
    const evaluation = { activationSetId: this.#made.activationSetId! }
    let id: StitchId | null = null
    this.busy = true
    await attempt(async () => {
      id = (await engine.stitch.create({ baseId, donorId, evaluation })).id
      await things.changed()
    })
    this.busy = false
    return id && `/stitch/${id as StitchId}`
  }

  #placeOf(step: GuideStep): string | null {
    switch (step) {
      case 'feature':
        return this.#feature && `/sae/${this.#feature.saeId}/feature/${this.#feature.feature}`
      case 'threshold':
        return `/compare/${this.#made.comparisonId}`
      case 'stitch':
        return this.#bench ? `/stitch/${this.#bench.id}` : null
      case 'end':
        return null
      default:
        return assertNever(step)
    }
  }

  #targetOf(step: GuideStep): string | null {
    return step === 'threshold' ? THRESHOLD : step === 'stitch' ? DONOR_LIST : null
  }

  #textOf(step: GuideStep): string {
    switch (step) {
      case 'feature':
        return this.#featureText()
      case 'threshold':
        return this.#thresholdText()
      case 'stitch':
        return this.#stitchText()
      case 'end':
        return 'Label what you recognise (l), save a hybrid as an SAE, export it for Python. How well did the SAEs find what the stories are about?'
      default:
        return assertNever(step)
    }
  }

  #featureText(): string {
    // Also at the features beside it, which j and k lead to.
    if (this.isThere || (this.isDone && route.path.startsWith('/sae/')))
      return 'The examples are the places in the stories where it fires; the deeper the amber, the harder. Promoted tokens are what it makes the model expect next. j and k go to the next and the one before.'
    const shown = this.#feature
    if (!shown) return 'No feature fires on any of the concepts.'
    const { feature, saeId, concept, precision } = shown
    const one = `${/^[aeiou]/.test(concept) ? 'an' : 'a'} ${concept}`
    return `Nobody told ${things.nameOf(saeId)} what ${one} is. Its feature ${feature} found out by itself: ${percent(precision, 2)} of the tokens on which it fires hard are ${one}.`
  }

  #thresholdText(): string {
    const [a, b] = this.#names
    if (this.isDone)
      return 'Counts, table and graph followed the line. The novel features are worth a stitch: they know something that A does not.'
    if (this.isThere)
      return 'Drag the line in the histogram, or press ← → while it has the focus. Left of it are the novel features of B, right of it those that A has in some form.'
    return `${b} has more features than ${a}. Which of them are new, and which are the old ones again? One threshold decides.`
  }

  #stitchText(): string {
    if (this.isDone) {
      const { fell } = guide
      const numbers = fell
        ? `: MSE ${number(fell.before, 5)} → ${number(fell.after, 5)} (${percent(fell.after / fell.before - 1, 2)})`
        : ''
      return `The error fell${numbers}, measured and not estimated. z takes it back, and the history keeps every step.`
    }
    if (!this.isThere)
      return 'Move a feature from the wider SAE into the narrower one, and see the error change before your eyes.'
    if (!this.#bench?.complete)
      return 'Both SAEs encode the same tokens once, so that every change is exact and immediate. A few seconds.'
    const { value: best } = this.#best
    const which = best === null || best === undefined ? 'a row of B' : `feature ${best}, the first row of B,`
    return `Drag ${which} into the dashed box of the hybrid, where its numbers are; or choose it with ↓ and press a. While it hangs there, the numbers say what a drop would give.`
  }
}
