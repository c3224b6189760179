import { z } from 'zod'
import type { demo as contract } from '#contract/demo.ts'
import type { JobId } from '#contract/ids.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { DemoRecord, isOutdated } from '../demo/demo-record.ts'
import type { JobQueue } from '../jobs/queue.ts'
import { isOver } from '../store/jobs.ts'
import { Setting } from '../store/settings.ts'
import type { Workspace } from '../store/workspace.ts'
import type { EngineContext } from './context.ts'

type Preparing = Pick<EngineContext, 'workspace' | 'jobs'>

/** A demo whose things were deleted since is prepared anew. */
function isWhole(workspace: Workspace): boolean {
  const demo = new DemoRecord(workspace).find()
  return demo?.complete === true && demo.saeIds.every((id) => workspace.saes.find(id) !== undefined)
}

const preparation = (jobs: JobQueue) => jobs.list().find((job) => job.kind === 'demo' && !isOver(job.state))

/** Begins the preparation, or goes on with it; null where all of it is there. */
function prepare({ workspace, jobs }: Preparing, anew: boolean): JobId | null {
  const record = new DemoRecord(workspace)
  const demo = record.find()
  if (isWhole(workspace) && !(anew && isOutdated(demo!))) return null
  const known = preparation(jobs)
  if (known) {
    if (known.state === 'paused' || known.state === 'interrupted') jobs.resume(known.id)
    return known.id
  }
  if (demo?.complete && !isOutdated(demo)) record.clear()
  return jobs.add({ kind: 'demo', title: 'Prepare the Demo workspace', makes: null, params: {} }).id
}

/**
 * On the very first start of an empty workspace the demo is prepared unasked, so that there is something to explore. It
 * is done once: whoever cancels it is not given it again.
 */
export function prepareOnFirstStart({ workspace, jobs }: Preparing): void {
  const offered = new Setting(workspace.db, 'demo.offered', z.boolean())
  if (offered.get()) return
  offered.set(true)
  const isEmpty = workspace.db.prepare('SELECT 1 FROM things LIMIT 1').get() === undefined
  if (isEmpty && jobs.list().length === 0) prepare({ workspace, jobs }, false)
}

export function demoHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const record = new DemoRecord(workspace)
  return {
    state: () => {
      const demo = record.find()
      return demo ? { ...demo, outdated: isOutdated(demo) } : null
    },
    prepare: ({ anew }) => ({ job: prepare({ workspace, jobs }, anew) }),
  }
}
