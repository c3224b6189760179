// The whole conversation between the window (or the command line) and the engine, on one page.
import { activations } from './activation-set.ts'
import { compare } from './compare.ts'
import { corpora } from './corpus.ts'
import { demo } from './demo.ts'
import { features } from './feature.ts'
import { jobs } from './job.ts'
import { labels } from './label.ts'
import { models } from './model.ts'
import { reports } from './report.ts'
import type { Client, Handlers } from './rpc.ts'
import { saes } from './sae.ts'
import { settings } from './settings.ts'
import { stitch } from './stitch.ts'
import { training } from './training.ts'
import { workspace } from './workspace.ts'

export const contract = {
  workspace,
  jobs,
  models,
  corpora,
  activations,
  saes,
  training,
  features,
  labels,
  compare,
  reports,
  stitch,
  demo,
  settings,
}
export type EngineClient = Client<typeof contract>
export type EngineHandlers = Handlers<typeof contract>
