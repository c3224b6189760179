import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HarvestRequest } from '#contract/activation-set.ts'
import { CompareRequest } from '#contract/compare.ts'
import { DEMO_STAGES, type Demo, type DemoStageId } from '#contract/demo.ts'
import { features } from '#contract/feature.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { TrainRequest } from '#contract/training.ts'
import { HarvestPlan, prepareHarvest } from '../activations/harvest-plan.ts'
import { harvestJob } from '../activations/harvest.ts'
import { trainingTools } from '../backends/training-tools.ts'
import { comparePair } from '../compare/compare-pair.ts'
import { requestComparison } from '../compare/compare-request.ts'
import { addCorpus } from '../corpus/add-corpus.ts'
import { indexJob } from '../features/index-job.ts'
import { newIndex } from '../features/start-index.ts'
import { inspectFolder } from '../language-model/inspect.ts'
import { version } from '../places.ts'
import { trainJobParams } from '../sae/train/job-params.ts'
import { trainJob } from '../sae/train/job.ts'
import { createRun } from '../sae/train/start.ts'
import { Setting } from '../store/settings.ts'
import type { Workspace } from '../store/workspace.ts'
import type { DemoRecord } from './demo-record.ts'
import { modelFolder as folder } from './edition.ts'
import { matchConcepts } from './match-concepts.ts'
import { RECIPE } from './recipe.ts'
import { writeStories } from './story-corpus.ts'

export interface AtWork {
  workspace: Workspace
  record: DemoRecord
  control: JobControl
}
/** One step of the preparation: made at most once, and gone on with where it was cut off. */
export interface Stage {
  /** Shown while it runs. */
  title: string
  run(work: AtWork): Promise<void>
}

/** The thing's id as the record has it, which the stages before have seen to. */
function known<K extends keyof Demo>(demo: Demo, key: K): NonNullable<Demo[K]> {
  const value = demo[key]
  if (value === undefined) throw new Error(`the demo's ${key} is not there yet`)
  return value as NonNullable<Demo[K]>
}

async function addModel({ workspace, record }: AtWork): Promise<void> {
  if (record.get().modelId) return
  if (!existsSync(folder))
    throw problem(
      'not-available',
      'Demo workspace',
      `the demo model is not in ${folder}`,
      'Install Suture again.',
    )
  const model = workspace.models.put({
    id: workspace.models.newId(),
    name: 'Demo model',
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'demo', from: [], parameters: { folder }, version },
    ...(await inspectFolder(folder)),
  })
  record.update({ modelId: model.id })
}

async function addStories({ workspace, record }: AtWork): Promise<void> {
  if (record.get().corpusId) return
  const file = join(workspace.folder, 'demo', 'stories.txt')
  writeStories(file, RECIPE.characters)
  record.update({ corpusId: (await addCorpus(workspace, { files: [file], name: 'Demo stories' })).id })
}

/** A harvest's plan names the set it fills, so it is kept until the set is whole. */
async function harvestStories({ workspace, record, control }: AtWork): Promise<void> {
  const demo = record.get()
  if (demo.activationSetId && workspace.activationSets.get(demo.activationSetId).complete) return
  const kept = new Setting(workspace.db, 'demo.harvest', HarvestPlan)
  const plan = kept.get() ?? planHarvest(workspace, record, kept)
  await harvestJob(plan, workspace, control)
  kept.clear()
}

function planHarvest(workspace: Workspace, record: DemoRecord, kept: Setting<HarvestPlan>): HarvestPlan {
  const demo = record.get()
  return workspace.db
    .transaction(() => {
      const request = HarvestRequest.parse({
        modelId: known(demo, 'modelId'),
        corpusId: known(demo, 'corpusId'),
        hookNames: [RECIPE.hookName],
        tokens: RECIPE.tokens,
        contextSize: RECIPE.contextSize,
        name: 'Demo activations',
      })
      const plan = prepareHarvest(workspace, request)
      record.update({ activationSetId: plan.sets[0].id })
      return kept.set(plan)
    })
    .immediate()
}

async function trainWidths({ workspace, record, control }: AtWork): Promise<void> {
  const demo = record.get()
  if (!demo.runId) {
    const { architecture, targetL0 } = RECIPE
    const saes = RECIPE.widths.map((width) => ({
      architecture,
      width,
      targetL0,
      name: `Demo SAE ${width}`,
    }))
    const source = { from: 'activations' as const, activationSetId: known(demo, 'activationSetId') }
    const run = createRun(
      workspace,
      TrainRequest.parse({ source, saes, tokens: RECIPE.trainedTokens, name: 'Demo run' }),
    )
    record.update({ runId: run.id, saeIds: run.saeIds })
  }
  const run = workspace.runs.get(known(record.get(), 'runId'))
  if (!run.complete) await trainJob(trainingTools, trainJobParams(run), workspace, control)
}

async function indexFeatures({ workspace, record, control }: AtWork): Promise<void> {
  const { saeIds, activationSetId } = record.get()
  for (const [i, saeId] of saeIds.entries()) {
    const made = record.get().indexIds
    if (i >= made.length) {
      const request = features.index.input.parse({ saeId, activationSetId }) as Parameters<typeof newIndex>[1]
      record.update({ indexIds: [...made, newIndex(workspace, request).index.id] })
    }
    const indexId = record.get().indexIds[i]
    if (!workspace.indexes.get(indexId).complete)
      await indexJob({ indexId, extends: false }, workspace, control)
  }
}

async function compareWidths({ workspace, record, control }: AtWork): Promise<void> {
  const demo = record.get()
  const { comparisonId: id = askComparison(workspace, demo) } = demo
  record.update({ comparisonId: id })
  if (!workspace.comparisons.get(id).complete) await comparePair(id, workspace, control)
}

function askComparison(workspace: Workspace, demo: Demo): NonNullable<Demo['comparisonId']> {
  const [aId, bId] = demo.saeIds
  const evaluation = { activationSetId: known(demo, 'activationSetId') }
  return requestComparison(workspace, CompareRequest.parse({ aId, bId, evaluation })).comparison.id
}

async function holdAgainstConcepts({ workspace, record, control }: AtWork): Promise<void> {
  const { indexIds, concepts } = record.get()
  if (concepts.length === indexIds.length) return
  record.update({ concepts: await matchConcepts(workspace, indexIds, control) })
}

const RUNS: Record<DemoStageId, Stage['run']> = {
  model: addModel,
  stories: addStories,
  harvest: harvestStories,
  train: trainWidths,
  index: indexFeatures,
  compare: compareWidths,
  concepts: holdAgainstConcepts,
}
export const stages: readonly Stage[] = DEMO_STAGES.map(({ id, title }) => ({ title, run: RUNS[id] }))
