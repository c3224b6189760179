import type { Frame } from '#contract/rpc.ts'

/** What `serve` says to its engine child; frames of many sockets share one channel. */
export type ToEngine =
  | { said: 'opened'; connection: number }
  | { said: 'frame'; connection: number; frame: Frame }
  | { said: 'closed'; connection: number }
  | { said: 'close' }
export type FromEngine = { said: 'ready' } | { said: 'frame'; connection: number; frame: Frame }
