import type { FeatureSources } from '../features/feature-sources.ts'
import type { FeatureWorker } from '../features/ask-worker.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { OpenBenches } from '../stitch/session-client.ts'
import type { Workspace } from '../store/workspace.ts'

/** What every handler may use. */
export interface EngineContext {
  workspace: Workspace
  jobs: JobQueue
  featureSources: FeatureSources
  featureWorker: FeatureWorker
  benches: OpenBenches
}
