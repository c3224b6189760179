import type { demo as contract } from '#contract/demo.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { DemoRecord } from '../demo/demo-record.ts'
import { isOver } from '../store/jobs.ts'
import type { EngineContext } from './context.ts'

export function demoHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const record = new DemoRecord(workspace)
  /** A demo whose things were deleted since is prepared anew. */
  const isWhole = (): boolean => {
    const demo = record.find()
    return demo?.complete === true && demo.saeIds.every((id) => workspace.saes.find(id) !== undefined)
  }
  return {
    state: () => record.find() ?? null,
    prepare: () => {
      if (isWhole()) return { job: null }
      const known = jobs.list().find((job) => job.kind === 'demo' && !isOver(job.state))
      if (known) {
        if (known.state === 'paused' || known.state === 'interrupted') jobs.resume(known.id)
        return { job: known.id }
      }
      if (record.find()?.complete) record.clear()
      return {
        job: jobs.add({ kind: 'demo', title: 'Prepare the Demo workspace', makes: null, params: {} }).id,
      }
    },
  }
}
