import { seededRandom, type Random } from './random.ts'

/** Puts numbers into an order drawn uniformly, where they are (Fisher–Yates). */
export function shuffle(numbers: Uint32Array, random: Random): Uint32Array {
  for (let i = numbers.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const moved = numbers[i]
    numbers[i] = numbers[j]
    numbers[j] = moved
  }
  return numbers
}

/** The numbers 0 … n − 1 in an order drawn uniformly. */
export function permutation(n: number, random: Random): Uint32Array {
  const numbers = new Uint32Array(n)
  for (let i = 0; i < n; i++) numbers[i] = i
  return shuffle(numbers, random)
}

/** A source of its own for each part of a work (an epoch, a group): the same numbers in, the same source out. */
export function randomFor(seed: number, ...parts: readonly number[]): Random {
  let state = seed | 0
  for (const part of parts) state = (seededRandom(state ^ Math.imul(part + 1, 0x9e3779b1))() * 2 ** 32) | 0
  return seededRandom(state)
}
