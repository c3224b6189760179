import type { Run, RunSummary } from '#contract/training.ts'
import { seriesColor } from '#figures/line-chart.ts'

/** One SAE of the runs on screen, with the colour it has in every chart and in the table. */
export interface Member {
  sae: RunSummary['saes'][number]
  run: Run
  color: string
}

export const seriesOf = (runs: readonly RunSummary[]): Member[] =>
  runs
    .flatMap(({ run, saes }) => saes.map((sae) => ({ sae, run })))
    .map((one, i) => ({ ...one, color: seriesColor(i) }))
