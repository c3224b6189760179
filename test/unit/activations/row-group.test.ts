import { describe, expect, test } from 'vitest'
import { RowGroup } from '../../../src-main/activations/row-group.ts'
import { f16ToF32 } from '../../../src-main/store/float16.ts'

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

describe('a group of rows', () => {
  test.each([1, 3, 8, 13, 64])('gives float32 rows of %i values in the order asked for', (dIn) => {
    const values = Float32Array.from({ length: 10 * dIn }, (_, i) => Math.sin(i) * 100)
    const group = new RowGroup(10, dIn, 'f32')
    group.fill(0, bytesOf(values.subarray(0, 4 * dIn)))
    group.fill(4, bytesOf(values.subarray(4 * dIn)))
    const out = new Float32Array(5 * dIn)
    group.gather(Uint32Array.of(9, 0, 4, 4), out, dIn)
    for (const [row, from] of [9, 0, 4, 4].entries())
      expect(out.subarray((row + 1) * dIn, (row + 2) * dIn)).toEqual(
        values.subarray(from * dIn, (from + 1) * dIn),
      )
    expect(out.subarray(0, dIn)).toEqual(new Float32Array(dIn))
  })

  test.each([1, 4, 7, 32])('gives every half exactly, in rows of %i', (dIn) => {
    const halves = Uint16Array.from({ length: 65_536 - (65_536 % dIn) }, (_, bits) => bits)
    const rows = halves.length / dIn
    const group = new RowGroup(rows, dIn, 'f16')
    group.fill(0, bytesOf(halves))
    const order = Uint32Array.from({ length: rows }, (_, i) => rows - 1 - i)
    const out = new Float32Array(halves.length)
    group.gather(order, out, 0)
    const whole = f16ToF32(halves)
    const wrong = halves.findIndex((_, at) => {
      const row = rows - 1 - Math.floor(at / dIn)
      return !Object.is(out[row * dIn + (at % dIn)], whole[at])
    })
    expect(wrong).toBe(-1)
  })

  test('gives more rows than one piece holds', () => {
    const dIn = 1024
    const values = Float32Array.from({ length: 300 * dIn }, (_, i) => i)
    const group = new RowGroup(300, dIn, 'f32')
    group.fill(0, bytesOf(values))
    const out = new Float32Array(values.length)
    group.gather(
      Uint32Array.from({ length: 300 }, (_, i) => 299 - i),
      out,
      0,
    )
    for (const row of [0, 63, 64, 65, 299]) expect(out[row * dIn]).toBe((299 - row) * dIn)
  })
})
