// One typed contract over any frame port. Values are structured-clone values on every port.
import { z } from 'zod'
import { problem, problemOf, ProblemError, type Problem } from './problem.ts'

type Schema = z.ZodType
export interface Procedure<
  I extends Schema = Schema,
  O extends Schema = Schema,
  S extends boolean = boolean,
> {
  input: I
  output: O
  stream: S
}
/** A question with one answer. */
export const call = <I extends Schema, O extends Schema>(input: I, output: O): Procedure<I, O, false> => ({
  input,
  output,
  stream: false,
})
/** A question with many answers, one after the other, until the asker has enough. */
export const stream = <I extends Schema, O extends Schema>(input: I, event: O): Procedure<I, O, true> => ({
  input,
  output: event,
  stream: true,
})
export type Room = Record<string, Procedure>
export type Contract = Record<string, Room>

type Asked<P extends Procedure> = z.input<P['input']>
type Answered<P extends Procedure> = z.output<P['output']>
type Streams = Procedure<Schema, Schema, true>
export interface AskOptions {
  signal?: AbortSignal
}
export type ClientRoom<R extends Room> = {
  [K in keyof R]: R[K] extends Streams
    ? (input: Asked<R[K]>, options?: AskOptions) => AsyncGenerator<Answered<R[K]>, void, void>
    : (input: Asked<R[K]>, options?: AskOptions) => Promise<Answered<R[K]>>
}
export type Client<C extends Contract> = { [K in keyof C]: ClientRoom<C[K]> }
export type RoomHandlers<R extends Room> = {
  [K in keyof R]: (
    input: z.output<R[K]['input']>,
    signal: AbortSignal,
  ) => R[K] extends Streams
    ? AsyncIterable<z.input<R[K]['output']>>
    : z.input<R[K]['output']> | Promise<z.input<R[K]['output']>>
}
export type Handlers<C extends Contract> = { [K in keyof C]: RoomHandlers<C[K]> }

export type Frame =
  | ['call', number, string, unknown]
  | ['ok' | 'event', number, unknown]
  | ['end' | 'cancel', number]
  | ['credit', number, number]
  | ['problem', number, Problem]
export interface FramePort {
  send(frame: Frame): void
  onFrame(listener: (frame: Frame) => void): void
  onClose(listener: () => void): void
}

/** Events in flight per stream; a slow reader holds the writer back. */
const WINDOW = 256

interface Running {
  abort: AbortController
  credit: number
  wake: () => void
}

async function feed(
  port: FramePort,
  id: number,
  job: Running,
  events: AsyncIterable<unknown>,
): Promise<void> {
  for await (const event of events) {
    while (job.credit === 0 && !job.abort.signal.aborted)
      await new Promise<void>((resume) => (job.wake = resume))
    if (job.abort.signal.aborted) return
    job.credit--
    port.send(['event', id, event])
  }
  port.send(['end', id])
}

/** Answers the frames of one port with the handlers, until the port closes. */
export function serve<C extends Contract>(contract: C, handlers: Handlers<C>, port: FramePort): void {
  const running = new Map<number, Running>()
  async function run(id: number, name: string, raw: unknown): Promise<void> {
    const job: Running = { abort: new AbortController(), credit: WINDOW, wake: () => {} }
    running.set(id, job)
    try {
      const [room, verb] = name.split('.', 2)
      const procedure =
        Object.hasOwn(contract, room) && Object.hasOwn(contract[room], verb)
          ? contract[room][verb]
          : undefined
      if (!procedure) throw problem('bad-input', name, 'the engine has no such call')
      const input = procedure.input.safeParse(raw)
      if (!input.success) throw problem('bad-input', name, z.prettifyError(input.error))
      const handler = (handlers[room] as Record<string, (input: unknown, signal: AbortSignal) => unknown>)[
        verb
      ]
      const out = handler(input.data, job.abort.signal)
      if (procedure.stream) await feed(port, id, job, out as AsyncIterable<unknown>)
      else port.send(['ok', id, procedure.output.parse(await out)])
    } catch (error) {
      if (!job.abort.signal.aborted) port.send(['problem', id, problemOf(error)])
    } finally {
      running.delete(id)
    }
  }
  port.onFrame((frame) => {
    if (frame[0] === 'call') return void run(frame[1], frame[2], frame[3])
    const job = running.get(frame[1])
    if (!job) return
    if (frame[0] === 'credit') job.credit += frame[2]
    if (frame[0] === 'cancel') job.abort.abort()
    job.wake()
  })
  port.onClose(() =>
    running.forEach((job) => {
      job.abort.abort()
      job.wake()
    }),
  )
}

type Heard = Frame | ['closed']
const failure = (heard: Heard): ProblemError =>
  heard[0] === 'problem'
    ? new ProblemError(heard[2])
    : problem(
        'closed',
        'engine',
        'the connection to the engine closed',
        'It is being started again; try once more.',
      )

/** The other side of `serve`: every procedure of the contract as a function. */
export function connect<C extends Contract>(contract: C, port: FramePort): Client<C> {
  let last = 0
  let closed = false
  const open = new Map<number, (heard: Heard) => void>()
  port.onFrame((frame) => open.get(frame[1])?.(frame))
  port.onClose(() => {
    closed = true
    for (const listener of [...open.values()]) listener(['closed'])
  })

  const once =
    (name: string) =>
    (input: unknown, { signal }: AskOptions = {}): Promise<unknown> =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (closed) return reject(failure(['closed']))
        const id = ++last
        const abort = (): void => {
          open.delete(id)
          port.send(['cancel', id])
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', abort, { once: true })
        open.set(id, (heard) => {
          open.delete(id)
          signal?.removeEventListener('abort', abort)
          if (heard[0] === 'ok') resolve(heard[2])
          else reject(failure(heard))
        })
        port.send(['call', id, name, input])
      })

  const many = (name: string) =>
    async function* (input: unknown, { signal }: AskOptions = {}): AsyncGenerator<unknown, void, void> {
      if (closed) throw failure(['closed'])
      const id = ++last
      const queue: Heard[] = []
      let wake = (): void => {}
      let taken = 0
      let over = false
      open.set(id, (heard) => {
        queue.push(heard)
        wake()
      })
      const onAbort = (): void => wake()
      signal?.addEventListener('abort', onAbort)
      port.send(['call', id, name, input])
      try {
        while (true) {
          signal?.throwIfAborted()
          const heard = queue.shift()
          if (!heard) await new Promise<void>((resume) => (wake = resume))
          else if (heard[0] === 'event') {
            if (++taken === WINDOW / 2) {
              port.send(['credit', id, taken])
              taken = 0
            }
            yield heard[2]
          } else {
            over = true
            if (heard[0] === 'end') return
            throw failure(heard)
          }
        }
      } finally {
        open.delete(id)
        signal?.removeEventListener('abort', onAbort)
        if (!over && !closed) port.send(['cancel', id])
      }
    }

  const rooms = Object.entries(contract).map(([room, verbs]) => [
    room,
    Object.fromEntries(
      Object.entries(verbs).map(([verb, procedure]) => [
        verb,
        procedure.stream ? many(`${room}.${verb}`) : once(`${room}.${verb}`),
      ]),
    ),
  ])
  return Object.fromEntries(rooms) as Client<C>
}
