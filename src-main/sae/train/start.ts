import { mkdirSync } from 'node:fs'
import type { SaeId } from '#contract/ids.ts'
import type { Sae } from '#contract/sae.ts'
import type { Provenance } from '#contract/thing.ts'
import type { Run, RunSettings, SaeSpec, TrainRequest } from '#contract/training.ts'
import type { z } from 'zod'
import { version } from '../../places.ts'
import { engineSettings } from '../../store/engine-settings.ts'
import type { Workspace } from '../../store/workspace.ts'
import { decideOptions, saeName } from './sae-options.ts'
import { decideSettings } from './settings.ts'
import type { SourceFacts } from './source-facts.ts'
import { describeSource } from './source.ts'

/** Every default of a request worked out and checked. @throws Problem when it makes no sense for its source */
export function settingsFor(
  workspace: Workspace,
  request: z.output<typeof TrainRequest>,
): { settings: RunSettings; facts: SourceFacts } {
  const facts = describeSource(workspace, request.source, request.skipPosition0)
  return { settings: decideSettings(request, facts, engineSettings(workspace.db)), facts }
}

/** Puts a run and its SAEs into the workspace, all incomplete; a job of kind "train" is to complete them. */
export function createRun(workspace: Workspace, request: z.output<typeof TrainRequest>): Run {
  const { settings, facts } = settingsFor(workspace, request)
  const id = workspace.runs.newId()
  const createdAt = new Date().toISOString()
  const { saes: specs, ...shared } = settings
  const provenance = (parameters: Record<string, unknown>): Provenance => ({
    madeBy: 'train',
    from: facts.from,
    parameters,
    version,
  })
  const saes = specs.map((spec): Sae => ({
    ...blankSae(workspace.saes.newId(), spec, facts, specs.length === 1 ? settings.name : undefined),
    createdAt,
    provenance: provenance({ ...shared, sae: spec }),
    runId: id,
  }))
  const run: Run = {
    id,
    name: settings.name ?? runName(saes, facts),
    createdAt,
    provenance: provenance(settings),
    saeIds: saes.map((sae) => sae.id),
    hookName: facts.hookName,
    dIn: facts.dIn,
    settings,
    notes: [],
    complete: false,
  }
  mkdirSync(workspace.runFolder(id), { recursive: true })
  return workspace.db
    .transaction(() => {
      for (const sae of saes) workspace.saes.put(sae)
      return workspace.runs.put(run)
    })
    .immediate()
}

const runName = (saes: readonly Sae[], facts: SourceFacts): string =>
  saes.length === 1 ? saes[0].name : `${saes.length} SAEs on ${facts.subject}`

function blankSae(
  id: SaeId,
  spec: SaeSpec,
  facts: SourceFacts,
  runName: string | undefined,
): Omit<Sae, 'createdAt' | 'provenance' | 'runId'> {
  return {
    id,
    name: spec.name ?? runName ?? saeName(decideOptions(spec, facts.dIn), facts.hookName),
    architecture: spec.architecture,
    dIn: facts.dIn,
    dSae: spec.width,
    k: 'k' in spec ? spec.k : null,
    hookName: facts.hookName,
    modelId: facts.modelId,
    modelName: facts.modelName,
    activationSetId: facts.activationSetId,
    assumptions: [],
    metrics: null,
    complete: false,
  }
}
