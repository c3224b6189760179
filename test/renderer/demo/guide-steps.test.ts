import { expect, test } from 'vitest'
import { Demo } from '#contract/demo.ts'
import { bestToAdd, featureToShow } from '../../../src-renderer/frame/guide-steps.ts'
import { stageLink } from '../../../src-renderer/views/demo/stage-links.ts'
import { wholeDemo } from './fake-demo.ts'

test('the path begins with the feature that plainly finds weekdays, whichever SAE it is of', () => {
  expect(featureToShow(wholeDemo())).toMatchObject({ saeId: 's-topk0002', feature: 477, concept: 'weekday' })
})

test('where weekdays were not found well it begins with another thing that was', () => {
  const demo = wholeDemo()
  for (const { matches } of demo.concepts) {
    Object.assign(matches[0], { concept: 'opening quote', f1: 1 })
    Object.assign(matches[1], { f1: 0.8 })
    Object.assign(matches[2], { concept: 'colour', f1: 0.95, feature: 53 })
  }
  expect(featureToShow(demo)).toMatchObject({ concept: 'colour', feature: 53 })
})

test('where nothing was found well it begins with the thing that was found best', () => {
  const demo = wholeDemo()
  for (const { matches } of demo.concepts) Object.assign(matches[1], { f1: 0.1 })
  expect(featureToShow(demo)).toMatchObject({ concept: 'person' })
  expect(featureToShow(Demo.parse({}))).toBeNull()
})

test('the feature to drag is the one of B, outside the hybrid, whose change in error is lowest', () => {
  const inHybrid = Uint8Array.of(1, 1, 0, 1, 0)
  // candidates 0 and 1 are of A; of B, feature 1 would lower it most but is in already
  expect(bestToAdd(2, { inHybrid, deltaMse: Float64Array.of(-9, 3, -0.2, -5, -0.4) })).toBe(2)
  expect(bestToAdd(2, { inHybrid, deltaMse: Float64Array.of(0, 0, 0.2, 0.1, 0) })).toBeNull()
})

test('a stage links to what it has made, and to nothing before', () => {
  const begun = Demo.parse({ modelId: 'm-stories1', runId: 'r-sweep111', saeIds: ['s-topk0000'], stage: 3 })
  expect(stageLink('train', begun)).toEqual({ label: 'The curves', path: '/train/r-sweep111' })
  expect([stageLink('stories', begun), stageLink('index', begun), stageLink('concepts', begun)]).toEqual([
    null,
    null,
    null,
  ])
  expect(stageLink('index', { ...begun, stage: 5 })?.path).toBe('/sae/s-topk0000/features')
  expect(stageLink('concepts', wholeDemo())?.path).toBe('/demo/concepts')
})
