import type { SaeId } from '#contract/ids.ts'
import type { FeatureLabel } from '#contract/label.ts'
import type { Sae } from '#contract/sae.ts'
import type { FeatureOrigins } from '#contract/stitch.ts'
import { version } from '../places.ts'
import { saveSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { LabelStore } from '../store/labels.ts'
import type { Workspace } from '../store/workspace.ts'
import { hybridMetadata } from './feature-origins.ts'

const said = ({ label, notes, tags, starred, uninterpretable, confidence }: FeatureLabel) => ({
  label,
  notes,
  tags,
  starred,
  uninterpretable,
  confidence,
})

/** Labels go with their features. */
function carryLabels(workspace: Workspace, to: SaeId, origins: FeatureOrigins): void {
  const store = new LabelStore(workspace.db)
  const labels = origins.saes.map(
    ({ id }) => new Map(store.list(id as SaeId).map((label) => [label.feature, label])),
  )
  const edits = Array.from(origins.feature, (feature, n) => {
    const label = labels[origins.sae[n]].get(feature)
    return label ? [{ feature: n, change: said(label), author: label.author }] : []
  }).flat()
  if (edits.length > 0) store.edit(to, edits)
}

/**
 * Puts a hybrid into the workspace as an SAE like any other: browsable, comparable, to be stitched again and exported.
 * @param parent whose hook point and model it has
 */
export function saveHybrid(
  workspace: Workspace,
  parent: Sae,
  weights: SaeWeights,
  origins: FeatureOrigins,
  about: Pick<Sae, 'id' | 'name' | 'metrics'> & { madeBy: string; parameters: Record<string, unknown> },
): Sae {
  const { id, name, metrics, madeBy, parameters } = about
  const sae = saveSae(
    workspace,
    {
      ...parent,
      id,
      name,
      createdAt: new Date().toISOString(),
      provenance: { madeBy, from: origins.saes.map((source) => source.id), parameters, version },
      architecture: weights.architecture,
      dSae: weights.dSae,
      k: weights.k ?? null,
      runId: null,
      assumptions: [],
      metrics,
      complete: true,
    },
    weights,
    hybridMetadata(workspace, parent.id, origins),
  )
  carryLabels(workspace, id, origins)
  return sae
}
