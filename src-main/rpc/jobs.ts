import type { jobs as contract } from '#contract/job.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import type { EngineContext } from './context.ts'

export const jobHandlers = ({ jobs }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => jobs.list(),
  get: ({ id }) => jobs.get(id),
  watch: (_input, signal) => jobs.watch(signal),
  pause: ({ id }) => (jobs.pause(id), null),
  resume: ({ id }) => (jobs.resume(id), null),
  cancel: async ({ id }) => (await jobs.cancel(id), null),
  forget: ({ id }) => (jobs.forget(id), null),
})
