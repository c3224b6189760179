import { problem } from '#contract/problem.ts'
import type { ActivationSet } from '#contract/activation-set.ts'
import { permutation, randomFor, shuffle } from '../math/permutation.ts'
import type { ActivationReader } from './reader.ts'
import { RowGroup } from './row-group.ts'

export interface ShuffleOptions {
  /** Tokens in a batch; every batch is full, running on into the next pass over the set. */
  batchTokens: number
  seed: number
  /** Leaves out position 0 of every row: BOS, or an attention sink. Rows of one token have no such position. */
  skipPosition0?: boolean
  /** The first batch to give: goes on exactly where batch n − 1 ended. */
  fromBatch?: number
  /** Memory for what is shuffled together. */
  groupBytes?: number
  /** Filled and given each time, [batchTokens, dIn]; without it every batch is a new array. */
  into?: Float32Array
}

/** Large enough that a batch comes from many places, small enough for a laptop. */
const GROUP_BYTES = 256 << 20

/** Whether position 0 of each row is left out. */
const leavesOut0 = ({ contextSize }: ActivationSet, skipPosition0: boolean): boolean =>
  skipPosition0 && contextSize > 1

/** Tokens that one pass over a set gives. */
export const tokensPerPass = (set: ActivationSet, skipPosition0 = true): number =>
  leavesOut0(set, skipPosition0) ? set.tokens - set.rows : set.tokens

/** A pass over the set: chunks in an order drawn by the seed, a group of them shuffled at a time. */
class Passes {
  readonly #reader: ActivationReader
  readonly #seed: number
  readonly #skip: boolean
  readonly #chunksTogether: number
  #pass = -1
  #order: Uint32Array = new Uint32Array()
  /** Every group is read into the same memory, made for the first. */
  #group: RowGroup | null = null
  constructor(reader: ActivationReader, seed: number, skip: boolean, groupBytes: number) {
    const { dIn } = reader.set
    this.#reader = reader
    this.#seed = seed
    this.#skip = skip
    this.#chunksTogether = Math.max(
      1,
      Math.floor(groupBytes / (reader.cache.header.tokensPerChunk * dIn * 4)),
    )
  }

  get groups(): number {
    return Math.ceil(this.#reader.chunks / this.#chunksTogether)
  }

  #members(pass: number, group: number): Uint32Array {
    if (pass !== this.#pass) {
      this.#order = permutation(this.#reader.chunks, randomFor(this.#seed, 0, pass))
      this.#pass = pass
    }
    return this.#order.subarray(group * this.#chunksTogether, (group + 1) * this.#chunksTogether)
  }

  /** The tokens [first, end) of a chunk. */
  #range(chunk: number): [number, number] {
    const { tokensPerChunk } = this.#reader.cache.header
    return [chunk * tokensPerChunk, Math.min((chunk + 1) * tokensPerChunk, this.#reader.set.tokens)]
  }

  #usable(chunk: number): number {
    const [first, end] = this.#range(chunk)
    if (!this.#skip) return end - first
    const { contextSize } = this.#reader.set
    return end - first - (Math.ceil(end / contextSize) - Math.ceil(first / contextSize))
  }

  /** How many tokens a group gives. */
  size(pass: number, group: number): number {
    return this.#members(pass, group).reduce((sum, chunk) => sum + this.#usable(chunk), 0)
  }

  /** The tokens of a group, shuffled: each as its place in the group's chunks laid end to end. */
  load(pass: number, group: number): { rows: RowGroup; order: Uint32Array } {
    const { tokensPerChunk, contextSize } = this.#reader.cache.header
    const members = this.#members(pass, group)
    const order = new Uint32Array(this.size(pass, group))
    let n = 0
    for (const [number, chunk] of members.entries()) {
      const [first, end] = this.#range(chunk)
      for (let token = first; token < end; token++)
        if (!this.#skip || token % contextSize !== 0) order[n++] = number * tokensPerChunk + token - first
    }
    shuffle(order, randomFor(this.#seed, 1, pass, group))
    const { chunks, set } = this.#reader
    const capacity = Math.min(chunks, this.#chunksTogether) * tokensPerChunk
    this.#group ??= new RowGroup(capacity, set.dIn, set.dtype)
    for (const [number, chunk] of members.entries())
      this.#group.fill(number * tokensPerChunk, this.#reader.stored(chunk))
    return { rows: this.#group, order }
  }
}

/**
 * Batches [batchTokens, dIn] of a set's activations in an order drawn by the seed, without end: the same options give
 * the same batches, and fromBatch = n gives what would follow batch n − 1. Each pass gives every token once. Chunks
 * are read in a random order, and the tokens of as many as fit into groupBytes are shuffled together.
 * @throws Problem bad-input when there is nothing to give
 */
export function* shuffledBatches(
  reader: ActivationReader,
  options: ShuffleOptions,
): Generator<Float32Array, never, void> {
  const { batchTokens, seed, skipPosition0 = true, fromBatch = 0, groupBytes = GROUP_BYTES, into } = options
  const { set } = reader
  const perPass = tokensPerPass(set, skipPosition0)
  if (perPass === 0) throw problem('bad-input', set.name, 'it has no tokens to train on')
  const passes = new Passes(reader, seed, leavesOut0(set, skipPosition0), groupBytes)
  let skip = (fromBatch * batchTokens) % perPass
  let batch = into ?? new Float32Array(batchTokens * set.dIn)
  let filled = 0
  for (let pass = Math.floor((fromBatch * batchTokens) / perPass); ; pass++)
    for (let number = 0; number < passes.groups; number++) {
      const size = passes.size(pass, number)
      if (skip >= size) {
        skip -= size
        continue
      }
      const { rows, order } = passes.load(pass, number)
      for (let at = skip; at < size;) {
        const to = Math.min(size, at + batchTokens - filled)
        rows.gather(order.subarray(at, to), batch, filled * set.dIn)
        filled += to - at
        at = to
        if (filled === batchTokens) {
          yield batch
          batch = into ?? new Float32Array(batchTokens * set.dIn)
          filled = 0
        }
      }
      skip = 0
    }
}
