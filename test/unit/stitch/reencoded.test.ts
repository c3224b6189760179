import { describe, expect, test } from 'vitest'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { loadSae } from '../../../src-main/sae/load.ts'
import { reencode } from '../../../src-main/stitch/reencode-job.ts'
import { RankedEffect, rankedHybrid, rankedPair } from '../../../src-main/stitch/reencoded.ts'
import { originsOf } from '../../../src-main/stitch/hybrid.ts'
import { Session } from '../../../src-main/stitch/session.ts'
import { madeActivations, madeSae, plainCodes, plainError } from './made.ts'
import { edit, prepared, stitchWorkspace, unstoppable } from './stitched.ts'

const [TOKENS, D, K] = [90, 5, 3]
const x = madeActivations(TOKENS, D, 71)
// Biases so low that some tokens have fewer than k to keep.
const topk: SaeWeights = { ...madeSae(8, D, 72), architecture: 'topk', k: K }
const donor = madeSae(11, D, 73)
const inHybrid = (...added: number[]): Uint8Array => {
  const set = new Uint8Array(19).fill(1, 0, 8)
  for (const j of added) set[8 + j] = 1
  return set
}
const pair = rankedPair(topk, donor)
const built = (...added: number[]): SaeWeights => rankedHybrid(pair, originsOf(inHybrid(...added), 8))

describe('a host that keeps the k largest, re-encoded', () => {
  test('is itself while nothing is added', () => {
    expect(built().architecture).toBe('topk')
    expect(plainError(built(), x).sse).toBeCloseTo(plainError(topk, x).sse, 4)
    const kept = plainCodes(topk, x)
    const counts = Array.from({ length: TOKENS }, (_, t) => kept.start[t + 1] - kept.start[t])
    expect(Math.min(...counts)).toBeLessThan(K)
    expect(Math.max(...counts)).toBe(K)
  })

  test('the effect of each feature alone is that of really building the hybrid and choosing anew', () => {
    const effect = new RankedEffect(pair)
    for (const [from, to] of [
      [0, 40],
      [40, TOKENS],
    ]) {
      const rows = x.subarray(from * D, to * D)
      effect.take(rows, plainCodes(built(), rows), plainCodes(pair.donor, rows))
    }
    const { sse } = plainError(built(), x)
    effect.deltaSse.forEach((delta, j) => expect(delta).toBeCloseTo(plainError(built(j), x).sse - sse, 4))
  })

  test('features with thresholds or gates of their own cannot compete, and the sentence says what to use', () => {
    const gated: SaeWeights = {
      ...donor,
      architecture: 'gated',
      rMag: new Float32Array(11),
      bMag: donor.bEnc,
    }
    expect(() => rankedPair(topk, gated)).toThrow(/gated.*cannot compete/)
    expect(() => rankedPair(donor, donor)).toThrow(/does not keep the k largest/)
  })

  test('is measured at a point of the history beside the fixed-threshold bench, and saved keeping k', async () => {
    const made = stitchWorkspace([topk, donor], x, 10)
    try {
      const stitch = await prepared(made)
      expect(stitch.baseForm?.kind).toBe('fixed-threshold')
      const session = await Session.open(made.workspace, stitch.id)
      const { point } = await session.turn((s) => s.apply(edit([2, 5])))
      await reencode({ stitchId: stitch.id, point }, made.workspace, unstoppable)
      const found = await session.turn((s) => s.reencoded())
      expect(found?.before.mse).toBeCloseTo(plainError(topk, x).sse / TOKENS, 5)
      expect(found?.after.mse).toBeCloseTo(plainError(built(2, 5), x).sse / TOKENS, 5)
      expect(found?.after.l0).toBeLessThanOrEqual(K)
      const { saeId } = await session.turn((s) => s.save('keeps k', true))
      const { sae, weights } = loadSae(made.workspace, saeId)
      expect(sae).toMatchObject({ architecture: 'topk', k: K, dSae: 10 })
      expect(sae.metrics?.mse).toBe(found?.after.mse)
      expect(plainError(weights, x).sse / TOKENS).toBeCloseTo(found!.after.mse, 5)
      await session.close()
    } finally {
      made.remove()
    }
  })
})
