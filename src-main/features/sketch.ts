import { readCount, readNumbers, writeAscending } from './ascending.ts'
import { BitReader, BitWriter } from './bits.ts'

/**
 * A sample of tokens with the numbers of the features that fire on them: an inverted index cannot say which features
 * fire together, the sample finds them. A token is in it or not by a hash of its number alone, so every feature's
 * firings are sampled at the same rate and the sample is the same however the work was divided.
 */

/** An index of fewer tokens has no sketch: reading all of its postings takes a moment. */
const WITHOUT_SKETCH = 1 << 18
const SKETCH_RATE = 1 / 16

/** The share of tokens to keep for an index of so many tokens. */
export const sketchRate = (tokens: number): number => (tokens > WITHOUT_SKETCH ? SKETCH_RATE : 0)

/** A number that looks random in [0, 2^32): the finaliser of MurmurHash3. */
export function hashToken(token: number): number {
  let h = token ^ 0x9e3779b9
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export const isSketched = (token: number, rate: number): boolean => hashToken(token) < rate * 2 ** 32

const writer = new BitWriter()
/** Feature numbers, ascending, as bytes. */
export function writeFeatures(features: Uint32Array, from: number, to: number): Uint8Array {
  writer.clear()
  writeAscending(writer, features, from, to)
  return writer.bytes().slice()
}

export function readFeatures(bytes: Uint8Array): Uint32Array {
  const bits = new BitReader(bytes)
  const features = new Uint32Array(readCount(bits))
  readNumbers(bits, features.length, 0, features, 0)
  return features
}
