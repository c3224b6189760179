import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Job } from '#contract/job.ts'
import { JobQueue, type JobThread } from '../../../src-main/jobs/queue.ts'
import type { WorkerSaid, WorkerTask } from '../../../src-main/jobs/worker.ts'
import type { NewJob } from '../../../src-main/store/jobs.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'

/** A thread that says what the test has it say. */
class Thread extends EventEmitter {
  readonly task: WorkerTask
  constructor(task: WorkerTask) {
    super()
    this.task = task
  }
  /** How it ended; then the thread is gone. */
  ends(said: WorkerSaid): void {
    this.emit('message', said)
    this.emit('exit', 0)
  }
}

let folder: string
let workspace: Workspace
let threads: Thread[]
let queue: JobQueue
const opened = (): JobQueue =>
  new JobQueue(workspace, {
    startThread(task) {
      const thread = new Thread(task)
      threads.push(thread)
      return thread as unknown as JobThread
    },
  })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'suture-queue-'))
  workspace = openWorkspace(folder)
  threads = []
  queue = opened()
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

const long = (title: string): NewJob => ({ kind: 'export-sae', title, makes: null, params: {} })
const loss = (title: string, quiet = true): NewJob => {
  const params = { task: 'loss', stitchId: 't-aaaaaaaa', points: [0], steps: [], rows: 8, quiet }
  return { kind: 'stitch', title, makes: null, params }
}
const states = (...jobs: Job[]): string[] => jobs.map(({ id }) => queue.get(id).state)
const done: WorkerSaid = { said: 'done', result: {} }

describe('the queue', () => {
  test('runs one job after the other, in the order they were added', () => {
    const [first, second] = [queue.add(long('first')), queue.add(long('second'))]
    expect(states(first, second)).toEqual(['running', 'queued'])
    threads[0].ends(done)
    expect(states(first, second)).toEqual(['done', 'running'])
  })

  test('runs a loss that a bench waits for beside a long job, and one of those at a time', () => {
    const train = queue.add(long('train'))
    const waits = queue.add(long('waits'))
    const [brief, next] = [queue.add(loss('after a drop')), queue.add(loss('after the next'))]
    expect(states(train, waits, brief, next)).toEqual(['running', 'queued', 'running', 'queued'])
    threads[1].ends(done)
    expect(states(train, waits, brief, next)).toEqual(['running', 'queued', 'done', 'running'])
    threads[0].ends(done)
    expect(states(train, waits, next)).toEqual(['done', 'running', 'running'])
  })

  test('a long job does not wait for a brief one either', () => {
    const [brief, train] = [queue.add(loss('after a drop')), queue.add(long('train'))]
    expect(states(brief, train)).toEqual(['running', 'running'])
  })

  test('a loss asked for by name, along a path say, waits its turn', () => {
    const [train, path] = [queue.add(long('train')), queue.add(loss('along the path', false))]
    expect(states(train, path)).toEqual(['running', 'queued'])
  })

  test('a brief job is cancelled while it runs and while it waits, and the long one goes on', async () => {
    const [train, brief, next] = [queue.add(long('train')), queue.add(loss('runs')), queue.add(loss('waits'))]
    await queue.cancel(next.id)
    await queue.cancel(brief.id)
    expect(Atomics.load(threads[1].task.stop, 0)).toBe(2)
    expect(Atomics.load(threads[0].task.stop, 0)).toBe(0)
    threads[1].ends({ said: 'stopped', reason: 'cancel' })
    await queue.settled(brief.id)
    expect(states(train, brief, next)).toEqual(['running', 'cancelled', 'cancelled'])
  })

  test('closing stops both at their next durable point, and both go on at the next start', async () => {
    const [train, brief] = [queue.add(long('train')), queue.add(loss('after a drop'))]
    const closed = queue.close()
    for (const thread of threads) {
      expect(Atomics.load(thread.task.stop, 0)).toBe(1)
      thread.ends({ said: 'stopped', reason: 'pause' })
    }
    await closed
    expect(states(train, brief)).toEqual(['interrupted', 'interrupted'])
    queue = opened()
    queue.recover()
    expect(states(train, brief)).toEqual(['running', 'running'])
  })

  test('a thread that ends without a word fails its job, and the next one starts', () => {
    const [first, second] = [queue.add(long('first')), queue.add(long('second'))]
    threads[0].emit('exit', 1)
    expect(states(first, second)).toEqual(['failed', 'running'])
    expect(queue.get(first.id).problem?.message).toMatch(/without a word/)
  })
})
