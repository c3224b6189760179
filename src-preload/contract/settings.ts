import { z } from 'zod'
import { call } from './rpc.ts'
import { TrainingBackend } from './training.ts'

/** What the engine goes by, kept in the workspace. null: Suture decides. A job goes by what stands here when it starts. */
export const EngineSettings = z.object({
  /** Where training steps are computed unless a run asks for something else; null: the fastest this machine has. */
  backend: TrainingBackend.nullable().default(null),
  /** The most threads that a job may compute with; null: as many as there are cores. */
  threads: z.int().min(1).max(1024).nullable().default(null),
})
export type EngineSettings = z.infer<typeof EngineSettings>

/** A backend on this machine. */
export const BackendFinding = z.object({
  name: TrainingBackend,
  available: z.boolean(),
  /** Why it is not to be had, or not chosen by itself; null for the one that is. */
  why: z.string().nullable(),
})
export type BackendFinding = z.infer<typeof BackendFinding>

export const BackendFindings = z.object({
  /** What is taken when nobody says. */
  chosen: TrainingBackend,
  backends: z.array(BackendFinding),
})
export type BackendFindings = z.infer<typeof BackendFindings>

export const HubInfo = z.object({
  /** HF_ENDPOINT, or huggingface.co. */
  endpoint: z.string(),
  /** Whether the engine has a token to send; its value is never told. */
  hasToken: z.boolean(),
  /** HF_HUB_OFFLINE: nothing is asked of the hub, what is in the cache can be used. */
  offline: z.boolean(),
  /** The cache that all of Hugging Face's libraries share. */
  cacheFolder: z.string(),
  /** Bytes in it; links counted once. 0 where there is no such folder yet. */
  cacheBytes: z.number(),
})
export type HubInfo = z.infer<typeof HubInfo>

export const settings = {
  get: call(z.object({}), EngineSettings),
  /** Changes what is given and leaves the rest. */
  set: call(
    z
      .object({
        backend: EngineSettings.shape.backend.unwrap(),
        threads: EngineSettings.shape.threads.unwrap(),
      })
      .partial(),
    EngineSettings,
  ),
  machine: call(z.object({}), z.object({ cores: z.int(), processor: z.string(), memoryBytes: z.number() })),
  /** Opens every backend to see. @throws conflict while a job runs, which it would disturb. */
  backends: call(z.object({}), BackendFindings),
  hub: call(z.object({}), HubInfo),
}
