import { contract } from '#contract/index.ts'
import { serve, type FramePort } from '#contract/rpc.ts'
import { FeatureWorker } from '../features/ask-worker.ts'
import { FeatureSources } from '../features/feature-sources.ts'
import { JobQueue } from '../jobs/queue.ts'
import { nothingRunsNow } from '../jobs/run-now.ts'
import { OpenBenches } from '../stitch/session-client.ts'
import { writeWorkspaceFile } from '../store/workspace-file.ts'
import { openWorkspace } from '../store/workspace.ts'
import { prepareOnFirstStart } from './demo.ts'
import { handlersOf } from './index.ts'

export interface Engine {
  /** Answers one window or one command line. */
  attach(port: FramePort): void
  close(): Promise<void>
}

/**
 * The engine on a workspace folder.
 * @param ownJobsOnly true for the command line: it runs what it started itself and leaves other jobs to the app.
 */
export function openEngine(folder: string, { ownJobsOnly = false } = {}): Engine {
  const workspace = openWorkspace(folder)
  writeWorkspaceFile(workspace.folder)
  const jobs = new JobQueue(workspace, { ownJobsOnly })
  jobs.recover()
  if (!ownJobsOnly && process.env['SUTURE_FIRST_START'] === 'demo') prepareOnFirstStart({ workspace, jobs })
  const featureSources = new FeatureSources(workspace)
  const featureWorker = new FeatureWorker(workspace.folder)
  const benches = new OpenBenches(workspace.folder)
  const handlers = handlersOf({ workspace, jobs, featureSources, featureWorker, benches })
  return {
    attach: (port) => serve(contract, handlers, port),
    async close() {
      await jobs.close()
      await nothingRunsNow()
      await featureWorker.close()
      await benches.closeAll()
      featureSources.close()
      workspace.close()
    },
  }
}
