import type {
  CandidateEffects,
  Change,
  HybridMetrics,
  Reencoded,
  Stitch,
  StitchEdit,
} from '#contract/stitch.ts'
import type { SaeId } from '#contract/ids.ts'
import type { Similarity } from './stitch-pair.ts'

interface Measured {
  stitch: Stitch
  similar: Similarity
  threshold: number
  edit: StitchEdit
  /** Before the edit. */
  effects: CandidateEffects
  change: Change
  /** Exact numbers for a host that keeps the k largest. */
  reencoded: Reencoded | null
  saved: SaeId | null
}

export const difference = (before: HybridMetrics, after: HybridMetrics) => ({
  mse: after.mse - before.mse,
  l0: after.l0 - before.l0,
  explainedVariance: after.explainedVariance - before.explainedVariance,
  features: after.features - before.features,
})

/** A stitch as one document. perFeature: what adding each feature of the donor alone does to the base. */
export function stitchReport(measured: Measured) {
  const { stitch, similar, threshold, edit, effects, reencoded, saved } = measured
  const change = reencoded ?? measured.change
  const { baseCount, donorCount, baseForm, donorForm, evaluatedOn } = stitch
  const added = new Set(edit.donor.add)
  const removed = new Set(edit.base.remove)
  return {
    id: stitch.id,
    base: stitch.baseId,
    from: stitch.donorId,
    threshold,
    evaluatedOn,
    /** How base and donor were used; a base that keeps the k largest is re-encoded unless the fixed-threshold form was asked for. */
    forms: reencoded
      ? { base: { kind: 're-encoded' as const }, from: { kind: 're-encoded' as const } }
      : { base: baseForm, from: donorForm },
    before: change.before,
    after: change.after,
    delta: difference(change.before, change.after),
    added: [...added],
    removed: [...removed],
    perFeature: Array.from({ length: donorCount }, (_, j) => ({
      feature: j,
      maxCosine: similar.maxCosine[j],
      novel: similar.maxCosine[j] <= threshold,
      added: added.has(j),
      deltaMse: reencoded?.deltaMse[j] ?? effects.deltaMse[baseCount + j],
      deltaL0: reencoded ? null : effects.density[baseCount + j],
    })),
    /** Not known one by one where the k largest are chosen anew. */
    perBaseFeature: reencoded
      ? null
      : Array.from({ length: baseCount }, (_, i) => ({
          feature: i,
          removed: removed.has(i),
          deltaMse: effects.deltaMse[i],
          deltaL0: -effects.density[i],
        })),
    saved,
  }
}

const FORMS = {
  're-encoded': 're-encoded exactly (the k largest chosen anew)',
  exact: 'exact',
  'fixed-threshold': 'fixed-threshold form (an SAE that keeps the k largest; not exact)',
}

/** The same for a terminal. */
export function stitchLines(report: ReturnType<typeof stitchReport>): string {
  const { before, after, added, removed, evaluatedOn, forms, saved } = report
  const row = (name: string, of: (m: HybridMetrics) => number, digits: number): string =>
    `${name.padEnd(20)}${of(before).toFixed(digits).padStart(12)} → ${of(after).toFixed(digits).padStart(12)}`
  return [
    `${added.length} features added, ${removed.length} removed`,
    row('MSE', (m) => m.mse, 6),
    row('explained variance', (m) => m.explainedVariance, 6),
    row('L0', (m) => m.l0, 4),
    row('features', (m) => m.features, 0),
    row('dead', (m) => m.dead, 0),
    `on ${evaluatedOn?.tokens.toLocaleString('en')} tokens, ${evaluatedOn?.skippedPosition0 ? 'position 0 left out' : 'all positions'}`,
    `base: ${FORMS[forms.base?.kind ?? 'exact']}; donor: ${FORMS[forms.from?.kind ?? 'exact']}`,
    ...(saved ? [`saved as ${saved}`] : []),
  ].join('\n')
}
