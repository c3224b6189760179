import { expect, test, vi } from 'vitest'
import { ProblemError } from '#contract/problem.ts'
import { portOf } from '#contract/ports.ts'
import type { FramePort } from '#contract/rpc.ts'
import { engine, onEngineStatus, startEngine } from '../../../src-renderer/rpc.ts'
import { sessionToken, takeTokenFromAddress } from '../../../src-renderer/session-token.ts'
import { serveFake, type Answers } from '../fake-engine.ts'
import { fakeWorkspace } from '../fake-workspace.ts'

/** An engine that can be killed: its port closes and the next one is a new engine. */
function mortalEngine(answers: Answers = {}): {
  open: () => FramePort
  kill: () => void
  starts: () => number
} {
  let close = (): void => {}
  let starts = 0
  const open = (): FramePort => {
    starts++
    const { port1, port2 } = new MessageChannel()
    serveFake(portOf(port2), fakeWorkspace(), answers)
    const near = portOf(port1)
    const listeners: (() => void)[] = []
    close = () => {
      port2.close()
      listeners.splice(0).forEach((listener) => listener())
    }
    return { ...near, onClose: (listener) => void listeners.push(listener) }
  }
  return { open, kill: () => close(), starts: () => starts }
}

test('calls made before there is an engine wait for it', async () => {
  const early = engine.models.list({})
  startEngine(mortalEngine().open)
  expect((await early).map(({ name }) => name)).toEqual(['stories260K', 'gpt2-wiki'])
})

test('an engine that goes away is connected to again; what was under way fails by name, what comes later waits', async () => {
  const never = new Promise<never>(() => {})
  const mortal = mortalEngine({ corpora: { list: () => never } })
  const told: string[] = []
  const end = onEngineStatus((status) => told.push(status))
  startEngine(mortal.open)
  await engine.models.list({})
  const underWay = engine.corpora.list({}).catch((error: unknown) => (error as ProblemError).problem.code)
  await new Promise((resolve) => setTimeout(resolve, 20))
  mortal.kill()
  expect(await underWay).toBe('closed')
  expect(await engine.models.list({})).toHaveLength(2)
  expect(mortal.starts()).toBe(2)
  expect(told).toEqual(['connecting', 'ready', 'lost', 'connecting', 'ready'])
  end()
})

test('a stream ends with its signal', async () => {
  startEngine(mortalEngine().open)
  const abort = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const job of engine.jobs.watch({}, { signal: abort.signal })) seen.push(job.id)
  })().catch((error: unknown) => (error as Error).name)
  await vi.waitFor(() => expect(seen).toHaveLength(4))
  abort.abort()
  expect(await watching).toBe('AbortError')
})

test('the token leaves the address and stays in the tab', () => {
  history.replaceState(null, '', '#token=a%2Bb')
  takeTokenFromAddress()
  expect(location.hash).toBe('')
  expect(sessionToken()).toBe('a+b')
  takeTokenFromAddress()
  expect(sessionToken()).toBe('a+b')
})
