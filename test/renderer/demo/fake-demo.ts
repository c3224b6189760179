// A Demo workspace in memory: three SAEs, three concepts, one comparison.
import { Comparison } from '#contract/compare.ts'
import { DemoState } from '#contract/demo.ts'
import { Job } from '#contract/job.ts'
import type { Answers } from '../fake-engine.ts'
import { fakeWorkspace, type FakeWorkspace } from '../fake-workspace.ts'

const SAES = ['s-topk0000', 's-topk0002', 's-topk0004']
const made = {
  createdAt: '2026-03-12T09:24:00.000Z',
  provenance: { madeBy: 'demo', from: [], parameters: {}, version: '0.1.0' },
}

const match = (concept: string, feature: number, precision: number, recall: number) => ({
  concept,
  tokens: 4386,
  feature,
  f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  precision,
  recall,
  threshold: 6.34,
})

/** All of it is there; the second SAE finds weekdays best, with its feature 477. */
export const wholeDemo = (): DemoState =>
  DemoState.parse({
    outdated: false,
    modelId: 'm-stories1',
    corpusId: 'c-tinystor',
    activationSetId: 'a-resid2aa',
    runId: 'r-sweep111',
    saeIds: SAES,
    indexIds: ['i-one00001', 'i-two00002', 'i-three003'],
    comparisonId: 'p-compare1',
    stage: 6,
    complete: true,
    concepts: [0.8, 0.9, 0.7].map((recall, i) => ({
      saeId: SAES[i],
      indexId: 'i-one00001',
      tokens: 198_501,
      matches: [
        match('person', 71, 0.6, 0.3),
        match('weekday', [9, 477, 500][i], 0.99, recall),
        match('rude', i === 0 ? -1 : 227, 0, 0),
      ],
    })),
  })

const comparison = (): Comparison =>
  Comparison.parse({
    id: 'p-compare1',
    name: 'narrow and wide',
    ...made,
    aId: SAES[0],
    bId: SAES[1],
    aCount: 256,
    bCount: 512,
    settings: {},
    cosine: null,
    activations: null,
    complete: true,
  })

/** The engine's answers in a workspace where the demo is whole. */
export const demoAnswers = (state: DemoState = wholeDemo()): Answers => ({
  demo: { state: () => state },
  compare: { list: () => [comparison()] },
})

/** A workspace in which the demo is being prepared, at its fourth stage. */
export function preparing(): { have: FakeWorkspace; answers: Answers } {
  const job = Job.parse({
    id: 'j-demo0001',
    kind: 'demo',
    title: 'Prepare the Demo workspace',
    state: 'running',
    makes: null,
    params: {},
    progress: {
      doing: '4 of 7 · Train: SAEs of three widths on what the model thought',
      done: 200_000,
      total: 800_000,
      unit: 'tokens',
      perSecond: 20_000,
      secondsLeft: 30,
    },
    result: null,
    problem: null,
    createdAt: '2026-03-12T09:30:00.000Z',
    startedAt: '2026-03-12T09:30:01.000Z',
    endedAt: null,
  })
  const { indexIds: _i, comparisonId: _c, concepts: _m, ...begun } = wholeDemo()
  const state = DemoState.parse({ ...begun, stage: 3, complete: false })
  return { have: { ...fakeWorkspace(), jobs: [job] }, answers: { demo: { state: () => state } } }
}
