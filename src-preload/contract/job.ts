import { z } from 'zod'
import { JobId } from './ids.ts'
import { Problem } from './problem.ts'
import { call, stream } from './rpc.ts'

export const JobKind = z.enum([
  'download',
  'harvest',
  'perplexity',
  'import-activations',
  'export-activations',
  'train',
  'import-sae',
  'export-sae',
  'index',
  'compare',
  'stitch',
  'demo',
  'look-at-backends',
])
export type JobKind = z.infer<typeof JobKind>

/**
 * queued → running → done | failed | cancelled; running ⇄ paused. A job whose process died is `interrupted`.
 * Paused and interrupted are the same to the job itself: it goes on from what it had made durable.
 */
export const JobState = z.enum(['queued', 'running', 'paused', 'interrupted', 'done', 'failed', 'cancelled'])
export type JobState = z.infer<typeof JobState>

export const Progress = z.object({
  /** What is happening now, in a few words. */
  doing: z.string(),
  done: z.number(),
  /** null while it is not known how much there is. */
  total: z.number().nullable(),
  /** "tokens", "features", "bytes", … */
  unit: z.string(),
  perSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
})
export type Progress = z.infer<typeof Progress>

export const Job = z.object({
  id: JobId,
  kind: JobKind,
  /** One line for the tray: "Harvest blocks.2.hook_resid_pre from tinystories". */
  title: z.string(),
  state: JobState,
  /** The thing the job makes; known from the start. */
  makes: z.string().nullable(),
  params: z.record(z.string(), z.unknown()),
  progress: Progress.nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  problem: Problem.nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
})
export type Job = z.infer<typeof Job>

/** What a running job says to, and hears from, whoever runs it. Implemented in src-main/jobs. */
export interface JobControl {
  /** Says how far it is; rate and time left are worked out from it. Cheap: call it as often as you like. */
  report(doing: string, done: number, total: number | null, unit: string): void
  /** True when someone asked to pause or cancel; at the next durable point call `checkpoint()`. */
  readonly stopAsked: boolean
  /**
   * Call when everything made so far is durable. Returns at once, or throws Stopped when a pause or a cancel was
   * asked for: the job then ends, and a resume starts it again from what is durable.
   */
  checkpoint(): void
}

const Which = z.object({ id: JobId })
export const jobs = {
  list: call(z.object({}), z.array(Job)),
  get: call(Which, Job),
  /** Every change of every job, beginning with all that are known. */
  watch: stream(z.object({}), Job),
  pause: call(Which, z.null()),
  /** A paused, interrupted or failed job goes on from its last durable point. */
  resume: call(Which, z.null()),
  /** Stops it and removes what it had made. */
  cancel: call(Which, z.null()),
  /** Removes a job that is over from the list. */
  forget: call(Which, z.null()),
}
