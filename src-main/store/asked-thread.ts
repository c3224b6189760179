import { parentPort, Worker } from 'node:worker_threads'
import { problemOf, ProblemError, type Problem } from '#contract/problem.ts'

interface Call<Work> {
  call: number
  work: Work
}
type Answer = { call: number; ok: unknown } | { call: number; problem: Problem }

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * A worker thread that does what it is asked, one thing after the other. It keeps the process alive only while
 * something is asked of it.
 */
export class AskedThread<Work> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0
  /** Why it answers no more. */
  #ended: Error | null = null

  /** @param file a worker that calls `answerCalls` */
  constructor(file: string) {
    this.#worker = new Worker(file)
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.call)
      this.#waiting.delete(answer.call)
      if (this.#waiting.size === 0) this.#worker.unref()
      if ('ok' in answer) waiting?.resolve(answer.ok)
      else waiting?.reject(new ProblemError(answer.problem))
    })
    this.#worker.on('error', (error) => this.#died(error))
    this.#worker.on('exit', () => this.#died(new Error(`the thread of ${file} has ended`)))
  }

  ask<T>(work: Work): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended)
    const call = this.#calls++
    this.#worker.ref()
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(call, { resolve, reject }))
    this.#worker.postMessage({ call, work } satisfies Call<Work>)
    return answer as Promise<T>
  }

  #died(why: Error): void {
    this.#ended ??= why
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** The worker's side: performs what it is asked in the order in which it was asked. */
export function answerCalls<Work>(perform: (work: Work) => Promise<unknown>): void {
  let before: Promise<void> = Promise.resolve()
  parentPort?.on('message', ({ call, work }: Call<Work>) => {
    const answer = (message: Answer): void => parentPort?.postMessage(message)
    before = before
      .then(() => perform(work))
      .then((ok) => answer({ call, ok }))
      .catch((error: unknown) => answer({ call, problem: problemOf(error) }))
  })
}
