import { problem } from '#contract/problem.ts'
import { permutation } from '../math/permutation.ts'
import type { Random } from '../math/random.ts'
import type { SparseCodes } from '../sae/weights.ts'

/** Non-zero codes held at most: 8 bytes each, half a gigabyte. */
const MOST_ENTRIES = 2 ** 26

/** Gathers the codes of many batches into one run of tokens, in memory. */
export class TokenCodes {
  readonly #most: number
  #rows = 0
  #start = new Uint32Array(1 << 12)
  #feature = new Uint32Array(1 << 14)
  #value = new Float32Array(1 << 14)

  constructor(most = MOST_ENTRIES) {
    this.#most = most
  }

  /** @throws Problem when that many codes cannot be held. */
  append(codes: SparseCodes): void {
    const from = this.#start[this.#rows]
    const count = codes.start[codes.rows]
    if (from + count > this.#most)
      throw problem(
        'no-space',
        'codes',
        `the codes of ${this.#rows} tokens are more than ${this.#most} numbers, as many as are held in memory`,
        `Ask for fewer than ${this.#rows} tokens.`,
      )
    this.#start = grown(this.#start, this.#rows + codes.rows + 1)
    this.#feature = grown(this.#feature, from + count)
    this.#value = grown(this.#value, from + count)
    for (let row = 1; row <= codes.rows; row++) this.#start[this.#rows + row] = from + codes.start[row]
    this.#feature.set(codes.feature.subarray(0, count), from)
    this.#value.set(codes.value.subarray(0, count), from)
    this.#rows += codes.rows
  }

  /** Everything gathered, as one. */
  all(): SparseCodes {
    const rows = this.#rows
    const entries = this.#start[rows]
    return {
      rows,
      start: this.#start.subarray(0, rows + 1),
      feature: this.#feature.subarray(0, entries),
      value: this.#value.subarray(0, entries),
    }
  }
}

type Growable = Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
/** The array, or a copy of it with room for `length`. */
function grown<A extends Growable>(array: A, length: number): A {
  if (length <= array.length) return array
  const Kind = array.constructor as new (length: number) => A
  const larger = new Kind(Math.max(length, 2 * array.length))
  larger.set(array)
  return larger
}

/** The same codes on the tokens in another order: every feature as often and as strongly, together with others by chance. */
export function shuffledTokens(codes: SparseCodes, random: Random): SparseCodes {
  const entries = codes.start[codes.rows]
  const start = new Uint32Array(codes.rows + 1)
  const feature = new Uint32Array(entries)
  const value = new Float32Array(entries)
  permutation(codes.rows, random).forEach((from, t) => {
    const [first, end] = [codes.start[from], codes.start[from + 1]]
    start[t + 1] = start[t] + end - first
    feature.set(codes.feature.subarray(first, end), start[t])
    value.set(codes.value.subarray(first, end), start[t])
  })
  return { rows: codes.rows, start, feature, value }
}

/** The same codes by feature: feature j fires on token[start[j]] … token[start[j + 1] − 1], ascending. */
export interface FeatureCodes {
  /** [features + 1] */
  start: Uint32Array
  token: Uint32Array
  value: Float32Array
}

export function byFeature(codes: SparseCodes, features: number): FeatureCodes {
  const entries = codes.start[codes.rows]
  const start = new Uint32Array(features + 1)
  for (let e = 0; e < entries; e++) start[codes.feature[e] + 1]++
  for (let j = 0; j < features; j++) start[j + 1] += start[j]
  const next = start.slice()
  const token = new Uint32Array(entries)
  const value = new Float32Array(entries)
  for (let t = 0; t < codes.rows; t++)
    for (let e = codes.start[t]; e < codes.start[t + 1]; e++) {
      const at = next[codes.feature[e]]++
      token[at] = t
      value[at] = codes.value[e]
    }
  return { start, token, value }
}
