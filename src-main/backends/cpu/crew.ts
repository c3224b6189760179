import { Worker } from 'node:worker_threads'
import { entry } from '../../places.ts'
import type { Layout } from './layout.ts'
import { ORDERS, partsOf, StepThread, TASKS, type Orders, type Task } from './step-thread.ts'

/** Words of the control block that all threads watch. */
export const CONTROL = {
  call: 0,
  task: 1,
  next: 2,
  parts: 3,
  busy: 4,
  full: 5,
  failed: 6,
  orders: 7,
} as const
export const CONTROL_WORDS = CONTROL.orders + ORDERS.length
export const STOP = -1

/** What a step-worker is started with. */
export interface WorkerStart {
  memory: WebAssembly.Memory
  layout: Layout
  index: number
  control: Int32Array
}

/** Takes parts of the present task until none is left. */
export async function takeParts(thread: StepThread, control: Int32Array): Promise<void> {
  const task = TASKS[control[CONTROL.task]]
  const orders = Object.fromEntries(ORDERS.map((name, i) => [name, control[CONTROL.orders + i]])) as {
    [name in (typeof ORDERS)[number]]: number
  }
  for (;;) {
    const part = Atomics.add(control, CONTROL.next, 1)
    if (part >= control[CONTROL.parts] || Atomics.load(control, CONTROL.full)) return
    if (!(await thread.run(task, part, orders))) Atomics.store(control, CONTROL.full, 1)
  }
}

/**
 * The threads of one trainee: this one and threads − 1 workers on the same memory. A task is done in parts that
 * whoever is free takes next; what a part computes does not depend on who takes it.
 */
export class Crew {
  readonly own: StepThread
  readonly #layout: Layout
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4))
  readonly #workers: Worker[]

  private constructor(memory: WebAssembly.Memory, layout: Layout) {
    this.#layout = layout
    this.own = new StepThread(memory, layout, 0)
    this.#workers = layout.threads.slice(1).map((_, i) => {
      const start: WorkerStart = { memory, layout, index: i + 1, control: this.#control }
      const worker = new Worker(entry('step-worker'), { workerData: start })
      worker.unref()
      return worker
    })
  }

  static async open(memory: WebAssembly.Memory, layout: Layout): Promise<Crew> {
    const crew = new Crew(memory, layout)
    await Promise.all(crew.#workers.map(started))
    return crew
  }

  /** @returns false when some part's entries did not fit (encode only) */
  async run(task: Task, orders: Orders): Promise<boolean> {
    const control = this.#control
    const parts = partsOf(task, this.#layout, orders)
    control[CONTROL.task] = TASKS.indexOf(task)
    control[CONTROL.parts] = parts
    ORDERS.forEach((name, i) => (control[CONTROL.orders + i] = orders[name]))
    control[CONTROL.full] = 0
    Atomics.store(control, CONTROL.next, 0)
    const helpers = parts > 1 ? this.#workers.length : 0
    if (helpers > 0) {
      Atomics.store(control, CONTROL.busy, helpers)
      Atomics.add(control, CONTROL.call, 1)
      Atomics.notify(control, CONTROL.call)
    }
    await takeParts(this.own, control)
    if (helpers > 0) this.#awaitHelpers()
    return control[CONTROL.full] === 0
  }

  /** How many parts a task over `rows` rows has. */
  parts(task: Task, rows: number): number {
    return partsOf(task, this.#layout, { rows, ranges: this.#layout.threads.length })
  }

  async close(): Promise<void> {
    const exits = this.#workers.map((worker) => {
      worker.ref()
      return new Promise((resolve) => worker.once('exit', resolve))
    })
    this.#control[CONTROL.task] = STOP
    Atomics.add(this.#control, CONTROL.call, 1)
    Atomics.notify(this.#control, CONTROL.call)
    await Promise.all(exits)
    await this.own.release()
  }

  #awaitHelpers(): void {
    for (let busy; (busy = Atomics.load(this.#control, CONTROL.busy)) > 0;)
      Atomics.wait(this.#control, CONTROL.busy, busy)
    if (this.#control[CONTROL.failed]) throw new Error('a step worker failed; its message is in the log')
  }
}

/** Resolves when a worker says that it is ready. */
function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
}
