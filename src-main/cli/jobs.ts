import type { Command } from 'commander'
import { JobId } from '#contract/ids.ts'
import type { Job } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { progressLine, type RunCommand } from './output.ts'

/** An id as typed on a command line, checked. @throws Problem naming it. */
export function idOf<T>(
  schema: { safeParse(v: unknown): { success: boolean; data?: T } },
  text: string,
  kind: string,
): T {
  const parsed = schema.safeParse(text)
  if (!parsed.success)
    throw problem(
      'bad-input',
      text,
      `this is not the id of a ${kind}`,
      '"suture list" shows the ids of this workspace.',
    )
  return parsed.data as T
}

export function registerJobs(program: Command, run: RunCommand): void {
  const jobs = program.command('jobs').description('long work: what runs, what was interrupted')

  jobs
    .command('list')
    .description('all jobs of this workspace')
    .action((_options, command: Command) =>
      run(command, async ({ client, print }) => {
        const list = await client.jobs.list({})
        print(list, () =>
          list.length === 0
            ? 'No jobs.'
            : list
                .map(
                  (job) =>
                    `${job.id}  ${job.state.padEnd(11)}  ${job.title}${job.progress ? `  (${progressLine(job.progress)})` : ''}`,
                )
                .join('\n'),
        )
      }),
    )

  jobs
    .command('resume [id]')
    .description(
      'go on with a paused, interrupted or failed job (without an id: with every interrupted or paused one)',
    )
    .action((id: string | undefined, _options, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const ids = id
          ? [idOf(JobId, id, 'job')]
          : (await client.jobs.list({}))
              .filter((j) => j.state === 'interrupted' || j.state === 'paused')
              .map((j) => j.id)
        if (ids.length === 0) throw problem('not-found', 'jobs', 'none is paused or interrupted')
        const done: Job[] = []
        for (const each of ids) {
          await client.jobs.resume({ id: each })
          done.push(await follow(each))
        }
        const results = done.map((job) => ({ job: job.id, id: job.makes, ...job.result }))
        print(id ? results[0] : results, () => done.map((job) => `${job.title}: ${job.state}`).join('\n'))
      }),
    )

  jobs
    .command('cancel <id>')
    .description('stop a job and remove what it had made')
    .action((id: string, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const job = idOf(JobId, id, 'job')
        await client.jobs.cancel({ id: job })
        print({ job }, `${job} is cancelled.`)
      }),
    )
}
