import type { JobQueue } from '../jobs/queue.ts'
import type { Workspace } from '../store/workspace.ts'

/** What every handler may use. */
export interface EngineContext {
  workspace: Workspace
  jobs: JobQueue
}
