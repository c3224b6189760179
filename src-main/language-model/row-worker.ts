// A thread that runs passages over its share of the rows, beside others that take from the same rows.
import { answerCalls } from '../store/asked-thread.ts'
import type { RowWork } from './row-crew.ts'
import { runPassage } from './run-passage.ts'
import { openSession, type Session } from './session.ts'

const sessions = new Map<string, Session>()

async function perform(work: RowWork): Promise<null> {
  switch (work.do) {
    case 'open':
      sessions.set(work.key, await openSession(work.graph, work.options))
      return null
    case 'run': {
      const session = sessions.get(work.key)
      if (!session) throw new Error(`this thread has not opened ${work.key}`)
      await runPassage(session, work.passage, work.rows, () => Atomics.add(work.taken, 0, 1))
      return null
    }
    case 'close':
      await Promise.all([...sessions.values()].map((session) => session.close()))
      sessions.clear()
      return null
  }
}

answerCalls(perform)
