import { expect, test } from 'vitest'
import type { Progress } from '#contract/job.ts'
import { Control, Stopped, type StopReason } from '../../../src-main/jobs/control.ts'

function at(
  times: number[],
  asked: () => StopReason | null = () => null,
): { control: Control; said: Progress[] } {
  const said: Progress[] = []
  return {
    control: new Control(
      (p) => said.push(p),
      asked,
      () => times[0],
    ),
    said,
  }
}

test('speed and time left follow from what was reported', () => {
  const clock = [0]
  const { control, said } = at(clock)
  control.report('reading', 0, 1000, 'tokens')
  clock[0] = 1000
  control.report('reading', 100, 1000, 'tokens')
  expect(said.at(-1)).toMatchObject({
    perSecond: 100,
    secondsLeft: 9,
    done: 100,
    total: 1000,
    unit: 'tokens',
  })
})

test('reports closer than a fifth of a second are swallowed, the last one never', () => {
  const clock = [0]
  const { control, said } = at(clock)
  for (let i = 0; i <= 10; i++) {
    clock[0] = i
    control.report('reading', i, 10, 'rows')
  }
  expect(said.map((p) => p.done)).toEqual([0, 10])
})

test('a new activity begins a new rate', () => {
  const clock = [0]
  const { control, said } = at(clock)
  control.report('reading', 500, 1000, 'tokens')
  clock[0] = 1000
  control.report('writing', 0, 10, 'files')
  expect(said.at(-1)).toMatchObject({ doing: 'writing', perSecond: null, secondsLeft: null })
})

test('while the total is not known there is no time left to state', () => {
  const clock = [0]
  const { control, said } = at(clock)
  control.report('reading', 0, null, 'bytes')
  clock[0] = 500
  control.report('reading', 50, null, 'bytes')
  expect(said.at(-1)).toMatchObject({ perSecond: 100, secondsLeft: null, total: null })
})

test('a checkpoint stops when asked, with the reason, and only then', () => {
  let asked: StopReason | null = null
  const { control } = at([0], () => asked)
  control.checkpoint()
  asked = 'pause'
  expect(control.stopAsked).toBe(true)
  expect(() => control.checkpoint()).toThrow(Stopped)
})
