import type { SaeId } from '#contract/ids.ts'
import { Reencoded, type HybridMetrics } from '#contract/stitch.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { hybridWeights, originsOf, type HybridOrigins } from './hybrid.ts'
import type { OpenBench } from './open-bench.ts'
import { rankedHybrid, rankedPair } from './reencoded.ts'
import { saveHybrid } from './save-hybrid.ts'
import { readResult } from './stitch-file.ts'

export interface SaveRequest {
  name: string
  /** For a host that keeps the k largest: the hybrid keeps k too. */
  keepsLargest: boolean
  /** Where in its history the bench stands. */
  point: number
}
interface Built {
  weights: SaeWeights
  /** null where they are not known for this form. */
  metrics: HybridMetrics | null
}

const measures = ({ mse, l0, explainedVariance, dead }: HybridMetrics) => ({
  mse,
  l0,
  explainedVariance,
  dead,
})

/** The hybrid that keeps the host's k; its metrics where this point was re-encoded. */
function ranked(
  workspace: Workspace,
  { stitch, db }: OpenBench,
  origins: HybridOrigins,
  point: number,
): Built {
  const [base, donor] = [stitch.baseId, stitch.donorId].map((id) => loadSae(workspace, id).weights)
  const found = readResult(db, 'reencoded', Reencoded)
  return {
    weights: rankedHybrid(rankedPair(base, donor), origins),
    metrics: found?.point === point ? found.after : null,
  }
}

/** Saves the hybrid of a bench as an SAE. */
export function saveBench(
  workspace: Workspace,
  open: OpenBench,
  { name, keepsLargest, point }: SaveRequest,
): { saeId: SaeId } {
  const { stitch, bench, base, donor } = open
  const [host, other] = [stitch.baseId, stitch.donorId].map((id) => workspace.saes.get(id))
  const origins = originsOf(bench.inHybrid, stitch.baseCount)
  const { weights, metrics }: Built = keepsLargest
    ? ranked(workspace, open, origins, point)
    : { weights: hybridWeights(base, donor, origins), metrics: bench.metrics() }
  const from = {
    saes: [host, other].map((sae) => ({ id: sae.id, name: sae.name })),
    sae: Int32Array.from(origins.fromDonor),
    feature: origins.feature,
  }
  const saved = saveHybrid(workspace, host, weights, from, {
    id: workspace.saes.newId(),
    name,
    metrics: metrics && stitch.evaluatedOn && { ...measures(metrics), ...stitch.evaluatedOn },
    madeBy: 'stitch save',
    parameters: { stitch: stitch.id, point, keepsLargest },
  })
  return { saeId: saved.id }
}
