import { z } from 'zod'
import { call } from '#contract/rpc.ts'
import { bench } from '#contract/stitch.ts'

/** What a bench's thread is asked: the bench's own calls, and to come to an end. */
export const workerContract = {
  bench,
  /** Answers when nothing runs any more: a thread that is ended in the middle of a product takes the process with it. */
  thread: { finish: call(z.object({}), z.null()) },
}
