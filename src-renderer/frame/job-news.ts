import { sentence } from '#contract/problem.ts'
import type { Job } from '#contract/job.ts'
import { bridge } from '../bridge.ts'
import { jobs } from '../state/jobs.svelte.ts'
import { settings } from '../state/settings.svelte.ts'

const WORTH_SAYING_MS = 10_000

/** What a notification says of a job that has just ended; null for one that was short or that someone stopped. */
export function newsOf(job: Job, before: Job | undefined): { title: string; body: string } | null {
  if (before?.state !== 'running' || !job.startedAt || !job.endedAt) return null
  if (Date.parse(job.endedAt) - Date.parse(job.startedAt) < WORTH_SAYING_MS) return null
  if (job.state === 'done') return { title: 'Done', body: job.title }
  if (job.state === 'failed')
    return { title: 'Failed', body: job.problem ? sentence(job.problem) : job.title }
  return null
}

/** Notifies, while the window is in the background, when long jobs end; returns what ends it. */
export function tellJobNews(): () => void {
  return jobs.onChange((job, before) => {
    const news = newsOf(job, before)
    if (news && settings.notifyWhenJobsEnd && !document.hasFocus())
      void bridge()?.notify(news.title, news.body)
  })
}
