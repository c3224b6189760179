// The entry of a trainee's further threads: waits for a task, takes parts of it, says when it is done.
import { parentPort, workerData } from 'node:worker_threads'
import { CONTROL, STOP, takeParts, type WorkerStart } from './crew.ts'
import { StepThread } from './step-thread.ts'

const { memory, layout, index, control } = workerData as WorkerStart
const thread = new StepThread(memory, layout, index)
let call = Atomics.load(control, CONTROL.call)
parentPort?.postMessage('ready')

for (;;) {
  Atomics.wait(control, CONTROL.call, call)
  call = Atomics.load(control, CONTROL.call)
  if (control[CONTROL.task] === STOP) break
  try {
    await takeParts(thread, control)
  } catch (error) {
    console.error(error)
    Atomics.store(control, CONTROL.failed, 1)
  }
  if (Atomics.sub(control, CONTROL.busy, 1) === 1) Atomics.notify(control, CONTROL.busy)
}
await thread.release()
