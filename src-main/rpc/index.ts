// Who answers what: one line a room of the contract.
import type { EngineHandlers } from '#contract/index.ts'
import type { EngineContext } from './context.ts'
import { jobHandlers } from './jobs.ts'
import { labelHandlers } from './labels.ts'
import { modelHandlers } from './models.ts'
import { workspaceHandlers } from './workspace.ts'

export const handlersOf = (context: EngineContext): EngineHandlers => ({
  workspace: workspaceHandlers(context),
  jobs: jobHandlers(context),
  models: modelHandlers(context),
  labels: labelHandlers(context),
})
