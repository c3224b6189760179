import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { History } from '../../../src-main/stitch/history.ts'
import { editBetween, togglesOf } from '../../../src-main/stitch/edit.ts'
import { openStitchFile } from '../../../src-main/stitch/stitch-file.ts'
import type { Sqlite } from '../../../src-main/store/database.ts'
import { temporaryFolder } from '../features/fakes.ts'
import { edit } from './stitched.ts'

const metrics = { mse: 1, explainedVariance: 0.5, l0: 2, features: 3, parameters: 4, dead: 0 }
const counts = { baseCount: 3, donorCount: 4 }

let db: Sqlite
let remove: () => void
let history: History
beforeEach(() => {
  const temporary = temporaryFolder()
  remove = temporary.remove
  db = openStitchFile(temporary.folder)
  history = new History(db)
  history.begin(metrics)
})
afterEach(() => {
  db.close()
  remove()
})
const append = (...toggles: number[]): number =>
  history.append(`toggle ${toggles.join()}`, Int32Array.from(toggles), metrics)

describe('the history of a hybrid', () => {
  test('is a tree: a new edit after an undo begins a branch and loses nothing', () => {
    const one = append(3)
    const two = append(4)
    history.goTo(one)
    const other = append(0, 5)
    expect(history.points().map(({ point, parent }) => [point, parent])).toEqual([
      [0, null],
      [one, 0],
      [two, one],
      [other, one],
    ])
    expect(history.redoPoint).toBeNull()
    history.goTo(one)
    expect(history.redoPoint).toBe(other)
    history.goTo(two)
    history.goTo(0)
    expect(history.redoPoint).toBe(one)
    expect([...history.membership(other, 3, 7)]).toEqual([0, 1, 1, 1, 0, 1, 0])
  })

  test('knows what differs between any two points', () => {
    const one = append(3, 4)
    const two = append(4, 5)
    history.goTo(one)
    const other = append(0)
    expect([...history.togglesBetween(0, two)]).toEqual([3, 5])
    expect([...history.togglesBetween(two, other)]).toEqual([0, 4, 5])
    expect([...history.togglesBetween(other, other)]).toEqual([])
  })

  test('redo after going far back leads along the way one came', () => {
    const points = [append(3), append(4), append(5)]
    history.goTo(0)
    for (const point of points) {
      expect(history.redoPoint).toBe(point)
      history.goTo(point)
    }
    expect(history.redoPoint).toBeNull()
  })

  test('a version is a name for a point, and can move', () => {
    append(3)
    history.nameVersion('good')
    append(4)
    history.nameVersion('good')
    expect(history.versions()).toEqual([{ name: 'good', point: 2 }])
  })

  test('is the same when its file is opened again', () => {
    append(3)
    const again = new History(db)
    again.begin({ ...metrics, mse: 9 })
    expect(again.head).toBe(1)
    expect(again.metrics(0)).toEqual(metrics)
  })
})

describe('an edit', () => {
  const inHybrid = Uint8Array.of(1, 1, 1, 0, 0, 1, 0)

  test('changes only what is not so already, each candidate once, ascending', () => {
    expect([...togglesOf(edit([3, 0, 2, 0], { remove: [1], add: [0] }), inHybrid, counts)]).toEqual([1, 3, 6])
  })

  test('of a feature that does not exist is refused', () => {
    expect(() => togglesOf(edit([4]), inHybrid, counts)).toThrow(/the donor has features 0 to 3/)
    expect(() => togglesOf(edit([], { remove: [-1] }), inHybrid, counts)).toThrow(/feature -1/)
  })

  test('between two memberships leads from the one to the other', () => {
    const target = Uint8Array.of(0, 1, 1, 1, 0, 0, 1)
    const found = editBetween('', inHybrid, target, counts)
    const after = inHybrid.slice()
    for (const k of togglesOf(found, inHybrid, counts)) after[k] ^= 1
    expect(after).toEqual(target)
  })
})
