import { problem } from '#contract/problem.ts'

const PAGE = 1 << 16
/** What a 32-bit WebAssembly memory can have. */
const MOST_PAGES = 1 << 16
const ALIGNMENT = 64

/** An array in the shared memory: its address for kernels, its view for us and onnxruntime. */
export interface Floats {
  address: number
  view: Float32Array
}
export interface Words {
  address: number
  view: Uint32Array
}

/**
 * One shared WebAssembly memory in which arrays are laid one after the other and never freed singly. All threads of a
 * trainee and onnxruntime work on it in place. Pages that are never touched cost nothing.
 */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true })
  /** The first page is the kernels' own constants; address 0 means "absent" in their structs. */
  #next = PAGE

  /** @throws Problem when the memory would exceed 4 GiB. */
  reserve(bytes: number): number {
    const address = this.#next
    const end = address + bytes
    const pages = Math.ceil(end / PAGE)
    if (pages > MOST_PAGES)
      throw problem(
        'unsupported',
        'cpu backend',
        `this SAE with its optimiser and batch needs ${(end / 2 ** 30).toFixed(1)} GiB, the backend can hold 4 GiB`,
        'Choose a smaller width or batch.',
      )
    const more = pages - this.memory.buffer.byteLength / PAGE
    if (more > 0) this.memory.grow(more)
    this.#next = Math.ceil(end / ALIGNMENT) * ALIGNMENT
    return address
  }

  floats(count: number): Floats {
    const address = this.reserve(count * 4)
    return { address, view: new Float32Array(this.memory.buffer, address, count) }
  }

  words(count: number): Words {
    const address = this.reserve(count * 4)
    return { address, view: new Uint32Array(this.memory.buffer, address, count) }
  }
}
