// A thread that holds some of a run's trainees: does what it is asked, one thing after the other.
import type { Trainee } from '../sae/backend.ts'
import { answerCalls } from '../store/asked-thread.ts'
import { cpuBackend } from './cpu/backend.ts'
import type { ThreadWork } from './in-threads.ts'

const trainees = new Map<number, Trainee>()

function traineeOf(number: number): Trainee {
  const trainee = trainees.get(number)
  if (!trainee) throw new Error(`this thread has no trainee ${number}`)
  return trainee
}

async function perform({ trainee, work }: ThreadWork): Promise<unknown> {
  switch (work.do) {
    case 'open':
      trainees.set(trainee, await cpuBackend.open(work.config, work.state, work.options))
      return null
    case 'step':
      return traineeOf(trainee).step(work.x, work.rows, work.settings)
    case 'read':
      return traineeOf(trainee).read()
    case 'write':
      return traineeOf(trainee).write(work.state)
    case 'dispose':
      await trainees.get(trainee)?.dispose()
      trainees.delete(trainee)
      return null
  }
}

answerCalls(perform)
