import type { Command } from 'commander'
import type { EngineClient } from '#contract/index.ts'
import type { JobId } from '#contract/ids.ts'
import type { Job, Progress } from '#contract/job.ts'
import { ProblemError } from '#contract/problem.ts'

/** What a command gets: the engine's client, and how to speak. */
export interface Session {
  client: EngineClient
  /** Prints the result: with --json one JSON document on stdout, else the lines. */
  print(value: unknown, lines: string | (() => string)): void
  /** Follows a job to its end with progress on stderr; Ctrl-C pauses it. @throws its Problem, or that it was paused. */
  follow(job: JobId): Promise<Job>
}
/**
 * Runs a command with the workspace of `--workspace` open, and closes it after. Use as an action:
 * `command.action((options) => run(command, async ({ client, print }) => …))`.
 */
export type RunCommand = (command: Command, action: (session: Session) => Promise<void>) => Promise<void>

const seconds = (s: number): string => (s < 90 ? `${Math.ceil(s)} s` : `${Math.ceil(s / 60)} min`)
const count = (n: number): string => Math.round(n).toLocaleString('en')

/** One line: what · how far · how fast · how long. */
export function progressLine(progress: Progress): string {
  const { doing, done, total, unit, perSecond, secondsLeft } = progress
  const far = total === null ? count(done) : `${count(done)} / ${count(total)}`
  return [
    doing,
    `${far} ${unit}`,
    perSecond ? `${count(perSecond)} ${unit}/s` : '',
    secondsLeft !== null ? `${seconds(secondsLeft)} left` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Progress on stderr: one rewritten line on a terminal, a line every few seconds elsewhere. */
export function progressPrinter(err: NodeJS.WriteStream = process.stderr): (job: Job) => void {
  let last = -Infinity
  return (job) => {
    if (!job.progress) return
    const now = performance.now()
    if (err.isTTY) err.write(`\r\x1b[K${progressLine(job.progress)}`)
    else if (now - last > 3000) {
      last = now
      err.write(`${progressLine(job.progress)}\n`)
    }
    if (err.isTTY && job.state !== 'running') err.write('\n')
  }
}

/** The job's result, or what stopped it as a Problem. */
export function jobOutcome(job: Job): Job {
  if (job.state === 'done') return job
  if (job.problem) throw new ProblemError(job.problem)
  throw new ProblemError({
    code: 'stopped',
    subject: job.title,
    message: `it is ${job.state}`,
    next: job.state === 'cancelled' ? undefined : `Go on with: suture jobs resume ${job.id}`,
  })
}
