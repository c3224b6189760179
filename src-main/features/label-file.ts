import { readFileSync } from 'node:fs'
import { FeatureLabel, type LabelConflict, type LabelFileFormat } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { LabelEdit } from '../store/labels.ts'
import { labelsFromCsv, labelsToCsv } from './label-csv.ts'
import type { LabelLine } from './label-line.ts'
import { labelsFromNeuronpedia, labelsToNeuronpedia } from './neuronpedia-labels.ts'

/** Reads a label file of either format. @throws Problem naming the line, or a feature the SAE has not. */
export function readLabelFile(file: string, sae: Sae): LabelLine[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw problem('not-found', file, 'this file cannot be read', 'Check its path.')
  }
  const lines = /^\s*\{/.test(text) ? labelsFromNeuronpedia(file, text) : labelsFromCsv(file, text)
  const outside = lines.find(({ feature }) => feature >= sae.dSae)
  if (outside)
    throw problem(
      'mismatch',
      file,
      `it labels feature ${outside.feature}, the SAE "${sae.name}" has ${sae.dSae} features`,
      'Choose the SAE the labels were made for.',
    )
  return lines
}

export function writeLabelFile(
  file: string,
  format: LabelFileFormat,
  labels: FeatureLabel[],
  sae: Sae,
): void {
  const text =
    format === 'csv'
      ? labelsToCsv(labels)
      : labelsToNeuronpedia(labels, sae.modelName ?? '', sae.hookName ?? sae.name)
  try {
    writeAtomically(file, (put) => put(new TextEncoder().encode(text)))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw problem('bad-file', file, `it cannot be written (${words})`, 'Choose a folder you can write to.')
  }
}

/** The lines to write into a workspace that says `mine` already; the others stay unheard. */
export function resolveConflicts(
  lines: readonly LabelLine[],
  mine: ReadonlyMap<number, FeatureLabel>,
  conflict: LabelConflict,
  author: string,
): LabelEdit[] {
  const wins = ({ feature, updatedAt }: LabelLine): boolean => {
    const own = mine.get(feature)
    if (!own || conflict === 'theirs') return true
    return conflict === 'newer' && updatedAt !== null && Date.parse(updatedAt) > Date.parse(own.updatedAt)
  }
  return lines
    .filter(wins)
    .map((line) => ({ feature: line.feature, change: line.change, author: line.author ?? author }))
}
