import { problemOf, ProblemError, type Problem } from '#contract/problem.ts'

export interface Notice {
  id: number
  problem: Problem | null
  /** One sentence, for a notice that is no failure. */
  text: string
  retry?: () => void
}
const SECONDS_FOR_NEWS = 6

/** What happened that no pane is there to show: failures stay until closed, news goes by itself. */
class Notices {
  list = $state.raw<Notice[]>([])
  #last = 0

  /** A failure, with what would try again. Stopping something oneself is not one. */
  failed(error: unknown, retry?: () => void): void {
    const problem = problemOf(error)
    if (problem.code !== 'stopped') this.#add({ problem, text: '', retry })
  }

  /** Shows why something was refused, where it was. */
  readonly refused = (why: Problem | null): void => {
    if (why) this.failed(new ProblemError(why))
  }

  /** Good or plain news; goes away by itself. */
  say(text: string): void {
    const id = this.#add({ problem: null, text })
    setTimeout(() => this.close(id), SECONDS_FOR_NEWS * 1000)
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id)
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = ++this.#last
    this.list = [...this.list.slice(-3), { id, ...notice }]
    return id
  }
}
export const notices = new Notices()

/** Runs something a person asked for; what goes wrong becomes a notice. Returns whether it went well. */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    notices.failed(error, () => void attempt(act))
    return false
  }
}
