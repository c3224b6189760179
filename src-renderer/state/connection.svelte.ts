import { onEngineStatus, type EngineStatus } from '../rpc.ts'

/** Whether there is an engine to ask, and how often there has been a new one. */
class Connection {
  status = $state<EngineStatus>('connecting')
  /** Grows by one each time the engine is (again) ready: read it in an effect to ask anew. */
  generation = $state(0)

  start(): void {
    onEngineStatus((status) => {
      this.status = status
      if (status === 'ready') this.generation++
    })
  }
}
export const connection = new Connection()
