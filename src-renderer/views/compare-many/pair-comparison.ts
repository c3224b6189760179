import type { CompareRequest } from '#contract/compare.ts'
import type { Report, ReportNumbers } from '#contract/report.ts'
import type { z } from 'zod'

/**
 * What is asked of the comparison of two SAEs of a report: the narrower is A, measured on the report's own tokens where
 * it has any.
 */
export function pairComparison(
  { settings }: Pick<Report, 'settings'>,
  { saes }: Pick<ReportNumbers, 'saes'>,
  i: number,
  j: number,
): z.input<typeof CompareRequest> {
  const [a, b] = saes[i].dSae <= saes[j].dSae ? [saes[i], saes[j]] : [saes[j], saes[i]]
  const [setA, setB] = [a.metrics?.activationSetId, b.metrics?.activationSetId]
  const { tokens, skipPosition0 } = settings
  if (!setA || !setB) return { aId: a.id, bId: b.id }
  return {
    aId: a.id,
    bId: b.id,
    evaluation: { activationSetId: setA, tokens, skipPosition0 },
    ...(setB !== setA && { bActivationSetId: setB }),
  }
}
