// A thread that runs passages over its share of the rows, or a stage of a passage over all of them, beside others.
import { answerCalls } from '../store/asked-thread.ts'
import type { Counters, RowWork } from './row-crew.ts'
import { partsOf, runPassage } from './run-passage.ts'
import { openSession, type Session } from './session.ts'

const sessions = new Map<string, Session>()

/** The next part that nobody has taken, once the stage before has done it; says so when one is done. */
function taker({ taken, done, before }: Counters, parts: number): () => number {
  let isRunning = false
  return () => {
    if (isRunning) {
      Atomics.add(done, 0, 1)
      Atomics.notify(done, 0)
    }
    isRunning = true
    const part = Atomics.add(taken, 0, 1)
    if (before && part < parts) for (let n; (n = Atomics.load(before, 0)) <= part;) Atomics.wait(before, 0, n)
    return part
  }
}

async function run({ key, passage, rows, counters }: Extract<RowWork, { do: 'run' }>): Promise<void> {
  const session = sessions.get(key)
  if (!session) throw new Error(`this thread has not opened ${key}`)
  const parts = partsOf(session.provider, rows.ids.length, rows.context)
  await runPassage(session, passage, rows, taker(counters, parts))
}

async function perform(work: RowWork): Promise<null> {
  switch (work.do) {
    case 'open':
      sessions.set(work.key, await openSession(work.graph, work.options))
      return null
    case 'run':
      await run(work)
      return null
    case 'close':
      await Promise.all([...sessions.values()].map((session) => session.close()))
      sessions.clear()
      return null
  }
}

answerCalls(perform)
