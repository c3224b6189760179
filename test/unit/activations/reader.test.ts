import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActivationSetId } from '#contract/ids.ts'
import { harvest } from '../../../src-main/activations/harvest.ts'
import { prepareHarvest } from '../../../src-main/activations/harvest-plan.ts'
import { openActivations, type ActivationReader } from '../../../src-main/activations/reader.ts'
import {
  shuffledBatches,
  tokensPerPass,
  type ShuffleOptions,
} from '../../../src-main/activations/shuffled-batches.ts'
import { verifyActivations } from '../../../src-main/activations/verify.ts'
import { openDatabase } from '../../../src-main/store/database.ts'
import { problemFrom } from '../corpus/helpers.ts'
import {
  D,
  fakeTools,
  numberedText,
  requestOf,
  testWorkspace,
  unstoppable,
  type TestWorkspace,
} from './fakes.ts'

const CONTEXT = 16
const TOKENS = 50 * CONTEXT
let made: TestWorkspace
let id: ActivationSetId
let reader: ActivationReader
beforeAll(async () => {
  made = await testWorkspace(numberedText(300))
  const plan = prepareHarvest(made.workspace, requestOf(made.corpus, { tokens: TOKENS }))
  id = plan.sets[0].id
  await harvest({ ...plan, rowsPerBatch: 2, rowsPerChunk: 4 }, fakeTools(), made.workspace, unstoppable)
  reader = openActivations(made.workspace, id)
})
afterAll(() => {
  reader.close()
  made.remove()
})

describe('in token order', () => {
  test('any range reads as the same part of the whole, across chunks', () => {
    const whole = reader.read(0, TOKENS)
    const ids = reader.ids(0, TOKENS)!
    for (const [from, count] of [
      [0, 1],
      [63, 2],
      [60, 140],
      [799, 1],
      [128, 64],
      [10, 0],
    ]) {
      // prettier-ignore
      expect(reader.read(from, count)).toEqual(whole.slice(from * D, (from + count) * D))
      expect(reader.ids(from, count)).toEqual(ids.slice(from, from + count))
    }
    const out = new Float32Array(2 * D)
    expect(reader.read(70, 2, out)).toBe(out)
  })

  test('what is beyond the end is refused', async () => {
    expect((await problemFrom(() => reader.read(790, 11))).message).toBe(
      'tokens 790 to 801 were asked for, it has 800',
    )
  })
})

/** Rows as text, so that they can be compared and counted. */
const rowsOf = (values: Float32Array): string[] =>
  Array.from({ length: values.length / D }, (_, row) => values.subarray(row * D, (row + 1) * D).join())

const expectedRows = (skipPosition0: boolean): string[] =>
  rowsOf(reader.read(0, TOKENS)).filter((_, token) => !skipPosition0 || token % CONTEXT !== 0)

/** Batches of 30, shuffled three chunks of four rows at a time, as lists of rows. */
function batches(count: number, options: Partial<ShuffleOptions>): string[][] {
  const groupBytes = 3 * 4 * CONTEXT * D * 4
  const given = shuffledBatches(reader, { batchTokens: 30, seed: 1, groupBytes, ...options })
  return Array.from({ length: count }, () => rowsOf(given.next().value))
}
describe('shuffled', () => {
  test('a pass gives every token but position 0 of the rows once', () => {
    expect(tokensPerPass(reader.set)).toBe(750)
    expect(tokensPerPass(reader.set, false)).toBe(800)
    for (const seed of [1, 2]) expect(batches(25, { seed }).flat().sort()).toEqual(expectedRows(true).sort())
    const all = batches(20, { batchTokens: 40, skipPosition0: false }).flat()
    expect(all.sort()).toEqual(expectedRows(false).sort())
  })

  test('the order follows from the seed, and differs between passes', () => {
    expect(batches(30, {})).toEqual(batches(30, {}))
    expect(batches(1, {})).not.toEqual(batches(1, { seed: 2 }))
    const two = batches(50, {})
    expect(two.slice(0, 25)).not.toEqual(two.slice(25))
    expect(two.slice(25).flat().sort()).toEqual(expectedRows(true).sort())
  })

  test('a batch comes from many rows', () => {
    const inOrder = expectedRows(true)
    const rows = new Set(batches(1, {})[0].map((row) => Math.floor(inOrder.indexOf(row) / (CONTEXT - 1))))
    expect(rows.size).toBeGreaterThan(6)
  })

  test.each([{}, { skipPosition0: false }, { batchTokens: 77 }, { batchTokens: 2000 }])(
    'going on at any batch gives what would have followed: %o',
    (options) => {
      const all = batches(60, options)
      for (const fromBatch of [1, 7, 24, 25, 26, 59])
        expect(batches(60 - fromBatch, { ...options, fromBatch })).toEqual(all.slice(fromBatch))
    },
  )

  test('a batch can be written where the caller wants it', () => {
    const into = new Float32Array(30 * D)
    const given = shuffledBatches(reader, { batchTokens: 30, seed: 1, into })
    expect(given.next().value).toBe(into)
  })
})

describe('a damaged file', () => {
  const change = (sql: string): void => {
    const db = openDatabase(made.workspace.activationFile(id))
    db.exec(sql)
    db.close()
  }

  test('with a changed byte is found by its checksum, and said to be chunk 5', async () => {
    change('CREATE TABLE saved AS SELECT * FROM chunks')
    change(`UPDATE chunks SET activations = CAST(substr(activations, 1, 40) || x'00' || substr(activations, 42) AS BLOB)
      WHERE number = 5`)
    openActivations(made.workspace, id).close()
    const problem = await problemFrom(() => verifyActivations(made.workspace, id))
    expect(problem.message).toBe('chunk 5 is not what was written (its checksum differs)')
    const again = openActivations(made.workspace, id)
    expect((await problemFrom(() => again.read(0, TOKENS))).message).toBe(problem.message)
    again.close()
    change(
      'UPDATE chunks SET activations = (SELECT activations FROM saved WHERE saved.number = chunks.number)',
    )
    expect(await verifyActivations(made.workspace, id)).toEqual({ chunks: 13, bytes: TOKENS * D * 4 })
  })

  test('with a missing or cut chunk, or another width, is refused when it is opened', async () => {
    const opening = async (): Promise<string> =>
      (await problemFrom(() => openActivations(made.workspace, id))).message
    change('DELETE FROM chunks WHERE number = 12')
    expect(await opening()).toBe('it has 768 tokens in 12 chunks, 800 in 13 are expected')
    change('INSERT INTO chunks SELECT * FROM saved WHERE number = 12')
    change("UPDATE chunks SET activations = x'00' WHERE number = 3")
    expect(await opening()).toBe('its activations take 23553 bytes, 25600 are expected')
    change(
      'UPDATE chunks SET activations = (SELECT activations FROM saved WHERE saved.number = chunks.number)',
    )
    change(`UPDATE header SET data = replace(data, '"dIn":8', '"dIn":9')`)
    expect(await opening()).toMatch(/^its dIn is 9, that of ".*" is 8$/)
    change(`UPDATE header SET data = replace(data, '"dIn":9', '"dIn":8')`)
  })
})
