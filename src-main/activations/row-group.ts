import { assertNever } from '#contract/assert-never.ts'
import type { ActivationDtype } from '#contract/activation-set.ts'
import { kernel } from '../places.ts'
import { bytesPerValue } from './layout.ts'

/** What kernels/rows.ts exports: addresses in the memory and counts, in the order written there. */
type RowKernels = Record<'gatherRows' | 'gatherHalves', (...operands: number[]) => void>

const PAGE = 1 << 16
/** Rows are gathered this much at a time, so that they are still in the processor's cache when they are handed on. */
const PIECE_BYTES = 256 << 10

/** Makes room for a number of bytes where a vector may lie. */
const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

/**
 * Rows of activations as they are stored, in one memory that is filled again and again, given as float32 in any order.
 * The memory is the group's own and as large as its capacity.
 */
export class RowGroup {
  readonly #dIn: number
  readonly #dtype: ActivationDtype
  readonly #rowBytes: number
  readonly #memory: WebAssembly.Memory
  readonly #kernels: RowKernels
  /** Rows of a piece. */
  readonly #rows: number
  /** Where the piece and its order lie; the group's rows begin at 0. */
  readonly #piece: number
  readonly #order: number
  constructor(capacity: number, dIn: number, dtype: ActivationDtype) {
    this.#dIn = dIn
    this.#dtype = dtype
    this.#rowBytes = dIn * bytesPerValue(dtype)
    this.#rows = Math.max(1, Math.floor(PIECE_BYTES / (dIn * 4)))
    this.#piece = aligned(capacity * this.#rowBytes)
    this.#order = this.#piece + aligned(this.#rows * dIn * 4)
    const pages = Math.ceil((this.#order + this.#rows * 4) / PAGE)
    // Not shared: into shared memory JavaScript copies a word at a time.
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: false })
    const abort = (): never => {
      throw new Error('a kernel aborted')
    }
    const module = new WebAssembly.Module(kernel('rows'))
    this.#kernels = new WebAssembly.Instance(module, { env: { memory: this.#memory, abort } })
      .exports as unknown as RowKernels
  }

  /** Puts rows, as they are stored, where row `first` begins. */
  fill(first: number, bytes: Uint8Array): void {
    new Uint8Array(this.#memory.buffer).set(bytes, first * this.#rowBytes)
  }

  /** Rows order[0 … n − 1] in float32 into [n, dIn] values of `out`, beginning with the value `at`. */
  gather(order: Uint32Array, out: Float32Array, at: number): void {
    for (let from = 0; from < order.length; from += this.#rows) {
      const part = order.subarray(from, from + this.#rows)
      new Uint32Array(this.#memory.buffer, this.#order, part.length).set(part)
      this.#gatherPiece(part.length)
      const piece = new Float32Array(this.#memory.buffer, this.#piece, part.length * this.#dIn)
      out.set(piece, at + from * this.#dIn)
    }
  }

  #gatherPiece(rows: number): void {
    const { gatherRows, gatherHalves } = this.#kernels
    switch (this.#dtype) {
      case 'f32':
        return gatherRows(0, this.#order, rows, this.#rowBytes, this.#piece)
      case 'f16':
        return gatherHalves(0, this.#order, rows, this.#dIn, this.#piece)
      default:
        return assertNever(this.#dtype)
    }
  }
}
