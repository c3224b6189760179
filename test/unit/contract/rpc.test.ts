import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { z } from 'zod'
import { decode, encode, portOf, socketOf } from '#contract/ports.ts'
import { problem, ProblemError } from '#contract/problem.ts'
import { call, connect, serve, stream, type Client, type FramePort, type Handlers } from '#contract/rpc.ts'

const contract = {
  sums: {
    add: call(z.object({ a: z.number(), b: z.number() }), z.number()),
    refuse: call(z.object({}), z.null()),
    ramp: call(z.object({ n: z.int() }), z.instanceof(Float32Array)),
  },
  clocks: {
    tick: stream(z.object({ everyMs: z.number() }), z.object({ n: z.number() })),
    flood: stream(z.object({ n: z.number() }), z.object({ i: z.number() })),
  },
}
let open = 0
let produced = 0
const handlers: Handlers<typeof contract> = {
  sums: {
    add: ({ a, b }) => a + b,
    refuse: () => {
      throw problem('bad-file', 'x.safetensors', 'it is broken', 'Download it again.')
    },
    ramp: ({ n }) => Float32Array.from({ length: n }, (_, i) => i / 2),
  },
  clocks: {
    tick: async function* ({ everyMs }, signal) {
      open++
      try {
        for (let n = 1; ; n++) {
          await sleep(everyMs, undefined, { signal })
          yield { n }
        }
      } finally {
        open--
      }
    },
    flood: async function* ({ n }) {
      for (let i = 0; i < n; i++) {
        produced++
        yield { i }
      }
    },
  },
}

interface Transport {
  client: Client<typeof contract>
  close(): void
}
let http: Server
const transports: Record<string, () => Promise<Transport>> = {
  'a message port': async () => {
    const { port1, port2 } = new MessageChannel()
    serve(contract, handlers, portOf(port1))
    return { client: connect(contract, portOf(port2)), close: () => port1.close() }
  },
  'a WebSocket': async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
    return { client: connect(contract, socketOf(socket)), close: () => socket.close() }
  },
}

beforeAll(async () => {
  http = createServer()
  new WebSocketServer({ server: http }).on('connection', (socket) => {
    const port: FramePort = socketOf(socket as unknown as WebSocket)
    serve(contract, handlers, port)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void http.close())

describe.each(Object.keys(transports))('over %s', (name) => {
  let transport: Transport
  beforeAll(async () => {
    transport = await transports[name]()
  })
  afterAll(() => transport.close())

  test('a call is answered with its value', async () => {
    expect(await transport.client.sums.add({ a: 1, b: 2 })).toBe(3)
  })

  test('typed arrays arrive as typed arrays', async () => {
    expect(await transport.client.sums.ramp({ n: 3 })).toEqual(new Float32Array([0, 0.5, 1]))
  })

  test('a failure arrives as the problem it is', async () => {
    const error = await transport.client.sums.refuse({}).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ProblemError)
    expect((error as ProblemError).problem).toEqual({
      code: 'bad-file',
      subject: 'x.safetensors',
      message: 'it is broken',
      next: 'Download it again.',
    })
  })

  test('input that does not fit the schema is refused by name', async () => {
    const error = await transport.client.sums.add({ a: 'x' as never, b: 2 }).catch((e: unknown) => e)
    expect((error as ProblemError).problem).toMatchObject({ code: 'bad-input', subject: 'sums.add' })
  })

  test('a call the contract does not have is refused, inherited names too', async () => {
    const wild = transport.client as unknown as { sums: Record<string, (v: unknown) => Promise<unknown>> }
    expect(wild.sums['toString']).not.toBe(undefined) // the object's own; never sent
    expect(Object.keys(transport.client.sums)).toEqual(['add', 'refuse', 'ramp'])
  })

  test('leaving a stream ends it on the other side', async () => {
    for await (const { n } of transport.client.clocks.tick({ everyMs: 1 })) if (n === 3) break
    await expect.poll(() => open).toBe(0)
  })

  test('aborting a stream ends it on both sides', async () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    const reading = async (): Promise<void> => {
      for await (const tick of transport.client.clocks.tick({ everyMs: 1 }, { signal: abort.signal }))
        void tick
    }
    await expect(reading()).rejects.toThrow('aborted')
    await expect.poll(() => open).toBe(0)
  })

  test('a slow reader holds the writer back', async () => {
    produced = 0
    for await (const { i } of transport.client.clocks.flood({ n: 100_000 })) {
      await sleep(2)
      if (i === 3) break
    }
    expect(produced).toBeLessThan(1000)
  })
})

test('what waits for an answer when the connection closes is told so', async () => {
  const { port1, port2 } = new MessageChannel()
  const client = connect(contract, portOf(port2))
  const waiting = client.sums.add({ a: 1, b: 1 }).catch((e: unknown) => e)
  port1.close()
  expect(((await waiting) as ProblemError).problem.code).toBe('closed')
})

test('the wire keeps numbers, infinities, big integers, views and nesting', () => {
  const value = {
    a: [1, Infinity, NaN, 3n],
    b: { c: new Int32Array([1, -2]), d: new Uint8Array([7]) },
    e: null,
    f: 'é',
  }
  expect(decode(encode(value).buffer)).toEqual(value)
})
