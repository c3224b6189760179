import type { Frame, FramePort } from './rpc.ts'

type Listen = (type: 'message' | 'close', listener: (event?: { data?: unknown }) => void) => unknown
interface MessagePortLike {
  postMessage(value: unknown): void
  start?(): void
}
/** A browser's MessagePort, Electron's MessagePortMain or a worker_threads port: structured clone does the encoding. */
export function portOf(port: MessagePortLike & ({ addEventListener: unknown } | { on: unknown })): FramePort {
  const listen: Listen = (type, listener) =>
    'addEventListener' in port && typeof port.addEventListener === 'function'
      ? (port.addEventListener as Listen).call(port, type, listener)
      : ((port as { on: Listen }).on.call(port, type, (event) =>
          // worker_threads hands over the bare value, Electron an event with data
          listener(Array.isArray(event) ? { data: event } : event),
        ) as unknown)
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => {
      listen('message', (event) => listener(event?.data as Frame))
      port.start?.()
    },
    onClose: (listener) => void listen('close', () => listener()),
  }
}

const VIEWS = { Uint8Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array } as const
const padded = (n: number): number => (n + 7) & ~7

/** JSON text, then the bytes of each typed array: [u32 json length][json][padding][bytes…], 8-byte aligned. */
export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let at = 0
  const json = JSON.stringify(value, (_key, v: unknown) => {
    if (typeof v === 'bigint') return { $big: String(v) }
    if (typeof v === 'number' && !Number.isFinite(v)) return { $num: String(v) }
    if (!ArrayBuffer.isView(v)) return v
    const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength)
    parts.push(bytes)
    const ref = {
      $bin: v.constructor.name === 'Buffer' ? 'Uint8Array' : v.constructor.name,
      at,
      n: bytes.length,
    }
    at += padded(bytes.length)
    return ref
  })
  const head = new TextEncoder().encode(json)
  const start = padded(4 + head.length)
  const out = new Uint8Array(start + at)
  new DataView(out.buffer).setUint32(0, head.length)
  out.set(head, 4)
  let offset = start
  for (const bytes of parts) {
    out.set(bytes, offset)
    offset += padded(bytes.length)
  }
  return out
}

/** The inverse of `encode`. */
export function decode(buffer: ArrayBuffer): unknown {
  const length = new DataView(buffer).getUint32(0)
  const start = padded(4 + length)
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)), (_key, v: unknown) => {
    if (!v || typeof v !== 'object') return v
    if ('$bin' in v && 'at' in v && 'n' in v) {
      const View = VIEWS[v.$bin as keyof typeof VIEWS]
      return new View(buffer.slice(start + (v.at as number), start + (v.at as number) + (v.n as number)))
    }
    if ('$num' in v) return Number(v.$num)
    return '$big' in v ? BigInt(v.$big as string) : v
  })
}

/** A browser's WebSocket. */
export function socketOf(socket: WebSocket): FramePort {
  socket.binaryType = 'arraybuffer'
  const early: Uint8Array<ArrayBuffer>[] = []
  socket.addEventListener('open', () => early.splice(0).forEach((bytes) => socket.send(bytes)))
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(encode(frame))
      else if (socket.readyState === socket.CONNECTING) early.push(encode(frame))
    },
    onFrame: (listener) =>
      socket.addEventListener('message', (event) => listener(decode(event.data as ArrayBuffer) as Frame)),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
  }
}
