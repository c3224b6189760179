import { describe, expect, test } from 'vitest'
import { BitReader, BitWriter } from '../../../src-main/features/bits.ts'
import {
  countPostings,
  PostingsWriter,
  readPostings,
  type Postings,
} from '../../../src-main/features/postings.ts'
import { randomNumbers } from './fakes.ts'

const roundTrip = (postings: Postings, base = 0): { block: Uint8Array; read: Postings } => {
  const block = new PostingsWriter().write(postings, 0, postings.token.length, base)
  const read = { token: new Uint32Array(countPostings(block)), value: new Float32Array(countPostings(block)) }
  readPostings(block, base, read, 0)
  return { block, read }
}

describe('bits', () => {
  test('numbers of every width come back as they were written', () => {
    const writer = new BitWriter()
    for (let width = 0; width <= 32; width++) writer.write(0xdeadbeef, width)
    const reader = new BitReader(writer.bytes())
    for (let width = 0; width <= 32; width++) {
      const expected = width === 32 ? 0xdeadbeef : 0xdeadbeef % 2 ** width
      expect(reader.read(width)).toBe(expected)
    }
  })

  test('a Golomb code of order 0 is the number plus one with as many zeros before as digits after its first', () => {
    const writer = new BitWriter()
    writer.writeGolomb(0, 0) // 1
    writer.writeGolomb(3, 0) // 4 = 100: 00 1 00
    expect(writer.length).toBe(1 + 5)
    const reader = new BitReader(writer.bytes())
    expect([reader.readGolomb(0), reader.readGolomb(0)]).toEqual([0, 3])
  })

  test('Golomb codes of every order hold small and very large numbers', () => {
    const numbers = [0, 1, 2, 7, 8, 1000, 65_535, 2 ** 30]
    for (let k = 0; k <= 20; k++) {
      const writer = new BitWriter()
      for (const number of numbers) writer.writeGolomb(number, k)
      const reader = new BitReader(writer.bytes())
      expect(numbers.map(() => reader.readGolomb(k))).toEqual(numbers)
    }
  })

  test('a cleared writer starts from zeros again', () => {
    const writer = new BitWriter()
    writer.write(0xffffffff, 32)
    writer.clear()
    writer.write(0, 32)
    expect([...writer.bytes()]).toEqual([0, 0, 0, 0])
  })
})

describe('postings', () => {
  test('come back exactly, from the smallest float32 to the largest', () => {
    const postings = {
      token: Uint32Array.of(5, 6, 1000, 3_000_000_000),
      value: Float32Array.of(1.401298464324817e-45, 0.1, 3.4028234663852886e38, 1),
    }
    expect(roundTrip(postings).read).toEqual(postings)
  })

  test('one posting, and postings of one value, need no bits for values', () => {
    const one = { token: Uint32Array.of(7), value: Float32Array.of(2.5) }
    expect(roundTrip(one, 7).read).toEqual(one)
    const same = {
      token: Uint32Array.from({ length: 64 }, (_, i) => i),
      value: new Float32Array(64).fill(0.3),
    }
    const { block, read } = roundTrip(same)
    expect(read).toEqual(same)
    expect(block.length).toBeLessThan(20)
  })

  test('take about 5 bytes each at a density of 0.05 %, all of float32 kept', () => {
    const random = randomNumbers(1)
    const tokens = Array.from({ length: 3_000_000 }, (_, t) => t).filter(() => random() < 0.0005)
    const postings = {
      token: Uint32Array.from(tokens),
      value: Float32Array.from(tokens, () => -3 * Math.log(1 - random())),
    }
    const { block, read } = roundTrip(postings)
    expect(read).toEqual(postings)
    expect(block.length / tokens.length).toBeLessThan(5.1)
  })

  test('bursts far apart stay short', () => {
    const token = Uint32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 10) * 100_000 + (i % 10))
    const postings = { token, value: new Float32Array(1000).fill(1) }
    const { block, read } = roundTrip(postings)
    expect(read).toEqual(postings)
    expect(block.length).toBeLessThan(1200)
  })
})
