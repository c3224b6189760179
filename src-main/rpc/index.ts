// Who answers what: one line a room of the contract.
import type { EngineHandlers } from '#contract/index.ts'
import type { EngineContext } from './context.ts'
import { activationHandlers } from './activations.ts'
import { compareHandlers } from './compare.ts'
import { corpusHandlers } from './corpora.ts'
import { demoHandlers } from './demo.ts'
import { featureHandlers } from './features.ts'
import { jobHandlers } from './jobs.ts'
import { labelHandlers } from './labels.ts'
import { modelHandlers } from './models.ts'
import { reportHandlers } from './reports.ts'
import { saeHandlers } from './saes.ts'
import { settingsHandlers } from './settings.ts'
import { stitchHandlers } from './stitch.ts'
import { trainingHandlers } from './training.ts'
import { workspaceHandlers } from './workspace.ts'

export const handlersOf = (context: EngineContext): EngineHandlers => ({
  workspace: workspaceHandlers(context),
  jobs: jobHandlers(context),
  models: modelHandlers(context),
  corpora: corpusHandlers(context),
  activations: activationHandlers(context),
  saes: saeHandlers(context),
  training: trainingHandlers(context),
  features: featureHandlers(context),
  labels: labelHandlers(context),
  compare: compareHandlers(context),
  reports: reportHandlers(context),
  stitch: stitchHandlers(context),
  demo: demoHandlers(context),
  settings: settingsHandlers(context),
})
