import type { z } from 'zod'
import type { ActivationSet } from '#contract/activation-set.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { features as contract } from '#contract/feature.ts'
import type { ActivationSetId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import { version } from '../places.ts'
import type { NewJob } from '../store/jobs.ts'
import type { Workspace } from '../store/workspace.ts'
import type { IndexJobParams } from './index-job.ts'

type Asked<K extends 'index' | 'extendIndex'> = z.output<(typeof contract)[K]['input']>

/** Puts the row of a new index and says which job fills it. @throws Problem when SAE and activations do not fit. */
export function newIndex(
  workspace: Workspace,
  request: Asked<'index'>,
): { index: FeatureIndex; job: NewJob } {
  const { saeId, activationSetId, settings } = request
  const sae = workspace.saes.get(saeId)
  const set = setFor(workspace, sae, activationSetId)
  const tokens = atMost(set, request.tokens)
  const index = workspace.indexes.put({
    id: workspace.indexes.newId(),
    name: request.name ?? `${sae.name} on ${set.name}`,
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'index',
      from: [saeId, activationSetId],
      parameters: { settings, tokens },
      version,
    },
    saeId,
    activationSetId,
    parts: [{ activationSetId, tokens, normLimit: null }],
    settings,
    dSae: sae.dSae,
    tokens: 0,
    countedTokens: 0,
    nonZeros: 0,
    bytes: 0,
    complete: false,
  })
  return { index, job: jobFor(index, sae, false) }
}

/** Lengthens the last part of a finished index, or adds another activation set to it. */
export function longerIndex(
  workspace: Workspace,
  request: Asked<'extendIndex'>,
): { index: FeatureIndex; job: NewJob } {
  const index = workspace.indexes.get(request.id)
  if (!index.complete)
    throw problem('conflict', index.name, 'it is not finished yet', 'Wait for its job, or resume it.')
  const sae = workspace.saes.get(index.saeId)
  const last = index.parts[index.parts.length - 1]
  const set = setFor(workspace, sae, request.activationSetId ?? last.activationSetId)
  const tokens = atMost(set, request.tokens)
  const goesOn = set.id === last.activationSetId
  if (goesOn ? tokens <= last.tokens : index.parts.some((part) => part.activationSetId === set.id))
    throw problem(
      'conflict',
      index.name,
      `it already has ${goesOn ? last.tokens : 'the'} tokens of "${set.name}"`,
      'Ask for more tokens, or name another activation set.',
    )
  const parts = goesOn
    ? index.parts.with(-1, { ...last, tokens })
    : [...index.parts, { activationSetId: set.id, tokens, normLimit: null }]
  const from = [...new Set([...index.provenance.from, set.id])]
  const longer = workspace.indexes.update(index.id, {
    parts,
    complete: false,
    provenance: { ...index.provenance, from },
  })
  return { index: longer, job: jobFor(longer, sae, true) }
}

function setFor(workspace: Workspace, sae: Sae, id: ActivationSetId): ActivationSet {
  const set = workspace.activationSets.get(id)
  if (!set.complete)
    throw problem('conflict', set.name, 'it is not finished yet', 'Wait for its job, or resume it.')
  if (set.dIn !== sae.dIn)
    throw problem(
      'mismatch',
      set.name,
      `its activations have ${set.dIn} values, the SAE "${sae.name}" reads ${sae.dIn}`,
      sae.hookName
        ? `Harvest ${sae.hookName}, where the SAE was trained.`
        : 'Choose the activations it was trained on.',
    )
  return set
}

function atMost({ name, tokens }: ActivationSet, asked = tokens): number {
  if (asked > tokens)
    throw problem(
      'bad-input',
      '--tokens',
      `${asked} were asked for, the activation set "${name}" has ${tokens}`,
    )
  return asked
}

function jobFor(index: FeatureIndex, sae: Sae, extending: boolean): NewJob {
  const params: IndexJobParams = { indexId: index.id, extends: extending }
  // The ids are in the parameters so that nothing the job needs can be deleted meanwhile.
  const needs = { saeId: sae.id, activationSetIds: index.parts.map((part) => part.activationSetId) }
  return { kind: 'index', title: `Index ${index.name}`, makes: index.id, params: { ...params, ...needs } }
}
