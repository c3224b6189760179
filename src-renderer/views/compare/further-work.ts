import type { ComparisonId } from '#contract/ids.ts'
import type { Job } from '#contract/job.ts'
import { isOpen, jobs } from '../../state/jobs.svelte.ts'

/** The job that works out something further for a comparison, while it is under way. */
export const furtherWork = (id: ComparisonId, wanted: Record<string, string>): Job | undefined =>
  jobs.open.find(
    ({ kind, state, params }) =>
      kind === 'compare' &&
      isOpen(state) &&
      params['comparisonId'] === id &&
      Object.entries(wanted).every(([key, value]) => params[key] === value),
  )
