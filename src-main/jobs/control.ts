import type { JobControl, Progress } from '#contract/job.ts'

export type StopReason = 'pause' | 'cancel'
/** Not a failure: someone asked. */
export class Stopped extends Error {
  readonly reason: StopReason
  constructor(reason: StopReason) {
    super(`stopped: ${reason}`)
    this.reason = reason
  }
}

const REPORT_EVERY_MS = 200
/** The rate forgets with this half-life, so that time left follows what the machine does now. */
const HALF_LIFE_MS = 5_000

/** Works out rate and time left, and says so a few times a second. */
export class Control implements JobControl {
  readonly #say: (progress: Progress) => void
  readonly #asked: () => StopReason | null
  readonly #now: () => number
  #lastSaid = -Infinity
  #doing = ''
  #last: { at: number; done: number } | null = null
  #rate: number | null = null
  constructor(
    say: (progress: Progress) => void,
    asked: () => StopReason | null,
    now: () => number = () => performance.now(),
  ) {
    this.#say = say
    this.#asked = asked
    this.#now = now
  }

  get stopAsked(): boolean {
    return this.#asked() !== null
  }

  report(doing: string, done: number, total: number | null, unit: string): void {
    const now = this.#now()
    if (doing !== this.#doing) {
      this.#doing = doing
      this.#last = null
      this.#rate = null
      this.#lastSaid = -Infinity
    }
    const finished = total !== null && done >= total
    if (now - this.#lastSaid < REPORT_EVERY_MS && !finished) return
    if (this.#last && now > this.#last.at && done >= this.#last.done) {
      const rate = ((done - this.#last.done) / (now - this.#last.at)) * 1000
      const keep = this.#rate === null ? 0 : 0.5 ** ((now - this.#last.at) / HALF_LIFE_MS)
      this.#rate = keep * (this.#rate ?? 0) + (1 - keep) * rate
    }
    this.#last = { at: now, done }
    this.#lastSaid = now
    const perSecond = this.#rate
    this.#say({
      doing,
      done,
      total,
      unit,
      perSecond,
      secondsLeft: total !== null && perSecond ? Math.max(0, (total - done) / perSecond) : null,
    })
  }

  checkpoint(): void {
    const reason = this.#asked()
    if (reason) throw new Stopped(reason)
  }
}
