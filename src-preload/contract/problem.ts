import { z } from 'zod'

/** What kind of failure it was; the interface chooses its icon and its next step by this. */
export const ProblemCode = z.enum([
  'bad-input', // what was asked for makes no sense (a negative width, an unknown option)
  'bad-file', // a file is broken, has the wrong shape, or is not what it says
  'not-found',
  'unsupported', // well-formed, but this program cannot do it (unknown architecture)
  'mismatch', // two things do not belong together (an SAE of another width than the activations)
  'conflict', // already exists, already runs, in use
  'no-space',
  'network',
  'not-allowed', // the hub wants a token, or another one
  'not-available', // a backend or device is missing on this machine
  'diverged', // numbers stopped being numbers
  'stopped', // cancelled or paused: not a failure, shown as such
  'closed', // the engine went away in the middle
  'internal', // a mistake of ours
])
export type ProblemCode = z.infer<typeof ProblemCode>

/** A failure as a value. Every message a person sees comes from one of these. */
export const Problem = z.object({
  code: ProblemCode,
  /** What it is about: a file, a thing's name, an option. */
  subject: z.string(),
  /** One sentence: what is wrong, with the offending value in it. No trailing next step. */
  message: z.string(),
  /** One sentence: what to do next. */
  next: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** Thrown inside a process; crosses between processes as its `problem`. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem, options?: ErrorOptions) {
    super(`${problem.subject}: ${problem.message}`, options)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** `throw problem('bad-file', path, 'tensor b_enc has 3 entries, 4 expected', 'Export the SAE again.')` */
export function problem(code: ProblemCode, subject: string, message: string, next?: string): ProblemError {
  return new ProblemError({ code, subject, message, ...(next === undefined ? {} : { next }) })
}

/** Any thrown value as a Problem. What we did not foresee is called internal, with its own words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof Error) {
    const code = (error as Error & { code?: unknown }).code
    if (code === 'ENOSPC' || code === 'SQLITE_FULL')
      return {
        code: 'no-space',
        subject: 'disk',
        message: 'the disk is full',
        next: 'Free some space, then resume the job.',
      }
    if (code === 'ENOENT') return { code: 'not-found', subject: 'file', message: error.message }
    if (error.name === 'AbortError') return { code: 'stopped', subject: 'request', message: 'cancelled' }
    return { code: 'internal', subject: 'Suture', message: error.message }
  }
  return { code: 'internal', subject: 'Suture', message: String(error) }
}

/** The one sentence a terminal or a notice shows. */
export function sentence(p: Problem): string {
  const end = (s: string): string => (/[.!?…]$/.test(s) ? s : `${s}.`)
  return `${p.subject}: ${end(p.message)}${p.next ? ` ${end(p.next)}` : ''}`
}
