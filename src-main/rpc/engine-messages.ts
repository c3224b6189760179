import type { Problem } from '#contract/problem.ts'
import type { Frame } from '#contract/rpc.ts'

/** What whoever started the engine says to it; for `serve`, frames of many sockets share one channel. */
export type ToEngine =
  | { said: 'opened'; connection: number }
  | { said: 'frame'; connection: number; frame: Frame }
  | { said: 'closed'; connection: number }
  | { said: 'close' }
  /** The hub's token in the desktop app; its first one is what the engine waits for before it opens anything. */
  | { said: 'hub-token'; token: string | null }
export type FromEngine =
  | { said: 'ready' }
  | { said: 'frame'; connection: number; frame: Frame }
  /** The workspace could not be opened: the engine ends, and starting it again would not help. */
  | { said: 'failed'; problem: Problem }

/** Argument of an engine that is to leave unfinished jobs alone until someone resumes them. */
export const LEAVE_JOBS = '--leave-jobs'
