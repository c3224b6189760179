import { Report, ReportNumbers, type ReportedSae } from '#contract/report.ts'
import type { Sae } from '#contract/sae.ts'
import { noise } from '../fake-workspace.ts'

/** Numbers that look like those of a report, over the SAEs given; the last is a baseline of another layer. */
export function fakeNumbers(saes: readonly Sae[]): ReportNumbers {
  const last = saes.length - 1
  const reported = saes.map((sae, i): ReportedSae => ({
    id: sae.id,
    name: sae.name,
    dSae: sae.dSae,
    dIn: sae.dIn,
    architecture: sae.architecture,
    hookName: i === last ? 'blocks.4.hook_resid_pre' : sae.hookName,
    modelName: sae.modelName,
    trainedTokens: 1_000_000,
    seed: 0,
    baseline: i === last,
    metrics: sae.metrics,
    norms: { activation: 5.1, reconstruction: 4.6, decoder: 1 },
    density: { from: -3, width: 0.25, counts: [1, 2, 6, 14, 30, 22, 10, 4, 2, 1, 0, 0] },
  }))
  const table = (low: number, high: number, itself: number | null) =>
    saes.map((_, i) =>
      saes.map((__, j) =>
        i === j && itself !== null ? itself : low + (high - low) * noise(i * saes.length + j),
      ),
    )
  return ReportNumbers.parse({
    saes: reported,
    mcs: table(0.5, 0.9, 1),
    mcsRandom: table(0.29, 0.35, null),
    pearson: table(0.4, 0.8, 1),
    pearsonRandom: table(0.2, 0.4, null),
    tokens: 9921,
    skippedPosition0: true,
    sameIds: true,
  })
}

export const fakeReport = (saes: readonly Sae[]): Report =>
  Report.parse({
    id: 'u-widths11',
    name: 'widths and a layer',
    createdAt: '2026-03-12T10:00:00.000Z',
    provenance: { madeBy: 'compare-many', from: [], parameters: {}, version: '0.1.0' },
    settings: { saeIds: saes.map(({ id }) => id), activationSetIds: ['a-resid2aa'], tokens: 10_000 },
    tokens: 9921,
    complete: true,
  })
