import type { ActivationSet } from '#contract/activation-set.ts'
import type { ActivationSetId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Workspace } from '../store/workspace.ts'
import { openToRead, type ActivationCache } from './cache.ts'
import { decodeValues } from './stored-values.ts'

interface Held<T> {
  number: number
  values: T
}
/** Token ids held: 64 MB. */
const IDS_KEPT = 2 ** 24

/** Reads a complete activation set in token order; holds one chunk, and the token ids of many. */
export class ActivationReader {
  readonly set: ActivationSet
  readonly cache: ActivationCache
  #activations: Held<Float32Array> | null = null
  /** By chunk, the one used the longest ago first. */
  readonly #ids = new Map<number, Int32Array>()
  constructor(set: ActivationSet, cache: ActivationCache) {
    this.set = set
    this.cache = cache
  }

  get chunks(): number {
    return Math.ceil(this.set.tokens / this.cache.header.tokensPerChunk)
  }

  /** Activations of a chunk, [tokens, dIn] in float32, freshly read. */
  chunk(number: number): Float32Array {
    return decodeValues(this.stored(number), this.set.dtype)
  }

  /** The bytes of a chunk's activations as they are stored, in the set's dtype. */
  stored(number: number): Uint8Array {
    return this.cache.activations(number)
  }

  /**
   * Activations of tokens [from, from + count), [count, dIn] in token order.
   * @param out filled and returned where given; it must have count · dIn values
   */
  read(from: number, count: number, out = new Float32Array(count * this.set.dIn)): Float32Array {
    this.#check(from, count)
    const { dIn } = this.set
    for (const { number, first, last, at } of this.#parts(from, count)) {
      if (this.#activations?.number !== number) this.#activations = { number, values: this.chunk(number) }
      out.set(this.#activations.values.subarray(first * dIn, last * dIn), at * dIn)
    }
    return out
  }

  /** Token ids of [from, from + count); null where the set came without them. */
  ids(from: number, count: number): Int32Array | null {
    this.#check(from, count)
    if (!this.set.hasTokens) return null
    const out = new Int32Array(count)
    for (const { number, first, last, at } of this.#parts(from, count)) {
      out.set(this.#idsOf(number).subarray(first, last), at)
    }
    return out
  }

  /** The ids of a chunk; those used lately stay in memory, since examples of a feature lie all over a set. */
  #idsOf(number: number): Int32Array {
    const known = this.#ids.get(number)
    if (known) {
      this.#ids.delete(number) // put back below, as the latest used
      this.#ids.set(number, known)
      return known
    }
    const bytes = this.cache.ids(number).slice()
    const ids = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    this.#ids.set(number, ids)
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size * this.cache.header.tokensPerChunk <= IDS_KEPT || oldest === number) break
      this.#ids.delete(oldest)
    }
    return ids
  }

  close(): void {
    this.cache.close()
  }

  /** The chunks that a range touches: tokens [first, last) of each, and where they go. */
  *#parts(
    from: number,
    count: number,
  ): Generator<{ number: number; first: number; last: number; at: number }> {
    const { tokensPerChunk } = this.cache.header
    for (let token = from; token < from + count;) {
      const number = Math.floor(token / tokensPerChunk)
      const start = number * tokensPerChunk
      const end = Math.min(start + tokensPerChunk, from + count)
      yield { number, first: token - start, last: end - start, at: token - from }
      token = end
    }
  }

  #check(from: number, count: number): void {
    if (from < 0 || count < 0 || from + count > this.set.tokens)
      throw problem(
        'bad-input',
        this.set.name,
        `tokens ${from} to ${from + count} were asked for, it has ${this.set.tokens}`,
      )
  }
}

function checkHeader(set: ActivationSet, cache: ActivationCache): void {
  for (const key of ['dIn', 'dtype', 'contextSize', 'hasTokens'] as const)
    if (cache.header[key] !== set[key])
      throw problem(
        'bad-file',
        cache.file,
        `its ${key} is ${cache.header[key]}, that of "${set.name}" is ${set[key]}`,
        'Make the activation set again.',
      )
}

/**
 * Opens a complete activation set: header, counts and lengths are checked here, checksums by `verifyActivations`.
 * @throws Problem not-found, conflict (it is not complete), or bad-file
 */
export function openActivations(workspace: Workspace, id: ActivationSetId): ActivationReader {
  const set = workspace.activationSets.get(id)
  if (!set.complete)
    throw problem('conflict', set.name, 'it is not complete', 'Wait for its job, or resume it.')
  const cache = openToRead(workspace.activationFile(id))
  try {
    checkHeader(set, cache)
    cache.checkCounts(set.tokens)
  } catch (error) {
    cache.close()
    throw error
  }
  return new ActivationReader(set, cache)
}
