// The whole conversation between the window (or the command line) and the engine, on one page.
import { jobs } from './job.ts'
import { labels } from './label.ts'
import { models } from './model.ts'
import type { Client, Handlers } from './rpc.ts'
import { workspace } from './workspace.ts'

export const contract = { workspace, jobs, models, labels }
export type EngineClient = Client<typeof contract>
export type EngineHandlers = Handlers<typeof contract>
