import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { problem } from '#contract/problem.ts'
import type { ReportFile } from '#contract/report.ts'

/** Where a universality report is written to, beside what is printed. */
export interface ReportOutput {
  html?: string
  csv?: string
  svg?: string
  tables?: string
}

export const withReportOutput = (command: Command): Command =>
  command
    .option('--html <file>', 'write the whole report as one HTML page')
    .option('--csv <file>', 'write the table of pairs as CSV')
    .option('--svg <folder>', 'write every figure as SVG')
    .option('--tables <folder>', 'write every table as CSV')

export const wantsOutput = ({ html, csv, svg, tables }: ReportOutput): boolean =>
  [html, csv, svg, tables].some((where) => where !== undefined)

/** Writes what was asked for; returns the paths written. */
export function writeReportFiles(files: readonly ReportFile[], output: ReportOutput): string[] {
  const written: string[] = []
  const write = (path: string, content: string): void => {
    try {
      writeFileSync(path, content)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      throw problem('bad-input', path, `it cannot be written (${words})`, 'Choose a folder that is there.')
    }
    written.push(path)
  }
  const into = (folder: string, kind: ReportFile['kind']): void => {
    mkdirSync(folder, { recursive: true })
    for (const file of files.filter((one) => one.kind === kind)) write(join(folder, file.name), file.content)
  }
  const named = (name: string): string => files.find((file) => file.name === name)?.content ?? ''
  if (output.html !== undefined) write(output.html, named('report.html'))
  if (output.csv !== undefined) write(output.csv, named('pairs.csv'))
  if (output.svg !== undefined) into(output.svg, 'figure')
  if (output.tables !== undefined) into(output.tables, 'table')
  return written
}
