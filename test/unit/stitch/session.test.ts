import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stitch } from '#contract/stitch.ts'
import { loadSae } from '../../../src-main/sae/load.ts'
import { readOrigins } from '../../../src-main/stitch/feature-origins.ts'
import { Session } from '../../../src-main/stitch/session.ts'
import { LabelStore } from '../../../src-main/store/labels.ts'
import { madeActivations, madeSae, plainError } from './made.ts'
import { edit, prepared, stitchWorkspace, type Stitched } from './stitched.ts'

const [TOKENS, D] = [96, 6]
const x = madeActivations(TOKENS, D, 11)
let made: Stitched
let stitch: Stitch
let session: Session

beforeAll(async () => {
  made = stitchWorkspace([madeSae(8, D, 12), madeSae(13, D, 13), madeSae(5, D + 1, 14)], x, 12)
  stitch = await prepared(made)
  session = await Session.open(made.workspace, stitch.id)
})
afterAll(async () => {
  await session.close()
  made.remove()
})
const turn = <T>(work: (session: Session) => T): Promise<T> => session.turn(work)

describe('a session', () => {
  test('begins at the base as it is', async () => {
    const state = await turn((s) => s.state())
    expect(state).toMatchObject({ point: 0, canUndo: false, canRedo: false, versions: [] })
    expect(state.history).toHaveLength(1)
    expect(state.metrics.features).toBe(8)
  })

  test('answers a preview and the same change applied with the same numbers', async () => {
    const change = edit([0, 3], { remove: [2] })
    const shown = await turn((s) => s.preview(change))
    const moved = await turn((s) => s.apply(change))
    expect(moved).toMatchObject({ point: 1, before: shown.before, after: shown.after })
    expect((await turn((s) => s.effects())).inHybrid[2]).toBe(0)
  })

  test('the effects after a change are those of the changed hybrid', async () => {
    const before = await turn((s) => s.effects())
    const k = stitch.baseCount + 5
    const { after } = await turn((s) => s.preview(edit([5])))
    const state = await turn((s) => s.state())
    expect(state.metrics.mse + before.deltaMse[k]).toBeCloseTo(after.mse, 6)
    expect(after.l0 - state.metrics.l0).toBeCloseTo(before.density[k], 6)
  })

  test('what is there already changes nothing and makes no point', async () => {
    const moved = await turn((s) => s.apply(edit([0, 3], { remove: [2] })))
    expect(moved.point).toBe(1)
    expect(moved.after).toEqual(moved.before)
  })

  test('refuses a feature that does not exist, by its number', async () => {
    await expect(turn((s) => s.apply(edit([13])))).rejects.toThrow(
      /feature 13: the donor has features 0 to 12/,
    )
  })

  test('undo, redo and branches lead where they should, with the same numbers', async () => {
    const one = await turn((s) => s.state())
    const two = await turn((s) => s.apply(edit([7], {}, 'add 7')))
    await turn((s) => s.undo())
    expect((await turn((s) => s.state())).metrics.mse).toBeCloseTo(one.metrics.mse, 6)
    const branch = await turn((s) => s.apply(edit([8], {}, 'add 8')))
    expect(branch.point).not.toBe(two.point)
    await turn((s) => s.undo())
    const redone = await turn((s) => s.redo())
    expect(redone.point).toBe(branch.point) // the branch last come from
    const back = await turn((s) => s.goTo(two.point))
    expect(back.after.mse).toBeCloseTo(two.after.mse, 6)
    await turn((s) => s.undo())
    expect((await turn((s) => s.redo())).point).toBe(two.point)
  })

  test('undo at the beginning and a point that does not exist are refused with a sentence', async () => {
    await turn((s) => s.goTo(0))
    await expect(turn((s) => s.undo())).rejects.toThrow(/the base as it is/)
    await expect(turn((s) => s.goTo(99))).rejects.toThrow(/no such point/)
  })

  test('named versions are kept, and two points differ by an edit that leads from one to the other', async () => {
    await turn((s) => s.goTo(1))
    await turn((s) => s.nameVersion('first try'))
    expect((await turn((s) => s.state())).versions).toEqual([{ name: 'first try', point: 1 }])
    const difference = await turn((s) => s.difference(1, 2))
    expect([...difference.donor.add]).toEqual([7])
    const back = await turn((s) => s.difference(2, 0))
    expect([...back.donor.remove]).toEqual([0, 3, 7])
    expect([...back.base.add]).toEqual([2])
  })

  test('errors token by token add up to the error of the row, for base and hybrid', async () => {
    await turn((s) => s.goTo(1))
    let [base, hybrid] = [0, 0]
    for (let row = 0; row < TOKENS / 12; row++) {
      const errors = await turn((s) => s.tokenErrors(row))
      expect([...errors.position]).toEqual([...Array(12).keys()])
      expect(errors.ids?.[3]).toBe((row * 12 + 3) % 50)
      base += errors.base.reduce((sum, e) => sum + e, 0)
      hybrid += errors.hybrid.reduce((sum, e) => sum + e, 0)
    }
    const state = await turn((s) => s.state())
    expect(base / TOKENS).toBeCloseTo(state.history[0].metrics.mse, 6)
    expect(hybrid / TOKENS).toBeCloseTo(state.metrics.mse, 6)
    await expect(turn((s) => s.tokenErrors(50))).rejects.toThrow(/row 50/)
  })

  test('opened again it stands where it was left', async () => {
    const left = await turn((s) => s.state())
    const again = await Session.open(made.workspace, stitch.id)
    expect(await again.turn((s) => s.state())).toEqual(left)
    const [one, other] = [await turn((s) => s.effects()), await again.turn((s) => s.effects())]
    one.deltaMse.forEach((delta, k) => expect(other.deltaMse[k]).toBeCloseTo(delta, 6))
    await again.close()
  })

  test('follows what another program does to the same stitch', async () => {
    const other = await Session.open(made.workspace, stitch.id)
    await other.turn((s) => s.goTo(2))
    expect((await turn((s) => s.effects())).inHybrid[stitch.baseCount + 7]).toBe(1)
    await other.close()
  })

  test('a drop of what hung answers with what was worked out for it, also after other questions', async () => {
    const point = (await turn((s) => s.state())).point
    const change = edit([2, 4])
    const shown = await turn((s) => s.preview(change))
    await turn((s) => s.overPredicted(change))
    await turn((s) => s.preview(edit([6])))
    expect((await turn((s) => s.apply(change))).after).toEqual(shown.after)
    const { after } = await turn((s) => s.preview(change)) // nothing to do: no point of the past is answered
    expect(after.features).toBe(shown.after.features)
    await turn((s) => s.goTo(point))
  })

  test('a count that nobody waits for any more ends, and the next question is answered', async () => {
    const count = turn((s) => s.overPredicted(edit([2, 4]), AbortSignal.abort(new Error('let go'))))
    await expect(count).rejects.toThrow('let go')
    expect((await turn((s) => s.state())).point).toBe(2)
  })
})

describe('a saved hybrid', () => {
  test('is an SAE with the metrics it was measured with, labels and origins of its features', async () => {
    const labels = new LabelStore(made.workspace.db)
    const said = (label: string) => ({ change: { label }, author: 'someone' })
    labels.edit(stitch.baseId, [{ feature: 4, ...said('four of the base') }])
    labels.edit(stitch.donorId, [{ feature: 3, ...said('three of the donor') }])
    await turn((s) => s.goTo(1))
    const { saeId } = await turn((s) => s.save('stitched', false))
    const { sae, weights } = loadSae(made.workspace, saeId)
    const really = plainError(weights, x)
    expect(sae.name).toBe('stitched')
    expect(sae.metrics?.mse).toBeCloseTo(really.sse / TOKENS, 5)
    expect(sae.metrics?.l0).toBeCloseTo(really.l0, 12)
    expect(weights.appliesBDecToInput).toBe(false)
    // base 0 1 3 4 5 6 7, then donor 0 3
    expect(labels.list(saeId).map(({ feature, label }) => [feature, label])).toEqual([
      [3, 'four of the base'],
      [8, 'three of the donor'],
    ])
    expect(sae.provenance.from).toEqual([stitch.baseId, stitch.donorId])
    const origins = readOrigins(made.workspace, saeId)
    expect(origins?.saes.map(({ id }) => id)).toEqual([stitch.baseId, stitch.donorId])
    expect([...origins!.sae]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1])
    expect([...origins!.feature]).toEqual([0, 1, 3, 4, 5, 6, 7, 0, 3])
    expect(readOrigins(made.workspace, stitch.baseId)).toBeNull()
  })
})

test('an SAE of another width cannot be stitched, and the sentence says both widths', async () => {
  await expect(prepared(made, { donor: 2 })).rejects.toThrow(
    /SAE 2: it takes activations of 7 values.* has 6/,
  )
})

test('a stitch that is prepared is not prepared again', async () => {
  expect((await prepared(made)).id).toBe(stitch.id)
})
