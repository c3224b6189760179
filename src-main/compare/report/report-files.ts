import type { Report, ReportFile, ReportNumbers } from '#contract/report.ts'
import { csvText } from '#figures/table.ts'
import { reportFigures } from './report-figures.ts'
import { reportPage } from './report-page.ts'
import { reportTables } from './report-tables.ts'
import { svgFile } from './svg.ts'

/** A report as files: the page, each figure, each table. The window and the command line write the same. */
export function reportFiles(report: Report, numbers: ReportNumbers): ReportFile[] {
  const { matrices, along, densities, quality } = reportFigures(numbers)
  return [
    { kind: 'page', name: 'report.html', content: reportPage(report, numbers) },
    ...[...matrices, ...along, ...densities, ...quality].map((figure): ReportFile => ({
      kind: 'figure',
      name: `${figure.name}.svg`,
      content: svgFile(figure),
    })),
    ...reportTables(numbers).map((table): ReportFile => ({
      kind: 'table',
      name: `${table.name}.csv`,
      content: csvText(table),
    })),
  ]
}
