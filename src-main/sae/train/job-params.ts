import { z } from 'zod'
import { RunId } from '#contract/ids.ts'
import type { Run } from '#contract/training.ts'

/** What a job of kind "train" is told; all else is in the run. */
export const TrainJobParams = z.object({
  runId: RunId,
  /** Everything the job makes and reads, so that nothing of it is deleted meanwhile. */
  things: z.array(z.string()),
})
export type TrainJobParams = z.infer<typeof TrainJobParams>

export const trainJobParams = (run: Run): TrainJobParams => ({
  runId: run.id,
  things: [...run.saeIds, ...run.provenance.from],
})
