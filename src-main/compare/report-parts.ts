import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { SaeId } from '#contract/ids.ts'
import { DensityHistogram, MeanNorms, ReportNumbers } from '#contract/report.ts'
import type { SparseCodes } from '../sae/weights.ts'
import { f32Tensor, openSafetensors, writeSafetensors, type TensorToWrite } from '../store/safetensors.ts'
import { readFound, writeFound } from './found-files.ts'

// A report's parts in its own folder, each durable when it is written, so that the work goes on where it was. The codes
// of every SAE are here too: two at a time are read back, so that memory does not grow with the number of SAEs. When
// the report is complete, only its numbers stay.

/** What is known of an SAE after its pass over the tokens; its codes are beside it. */
export const MeasuredSae = z.object({
  mse: z.number(),
  l0: z.number(),
  explainedVariance: z.number(),
  dead: z.int(),
  tokens: z.int(),
  norms: MeanNorms,
  density: DensityHistogram,
})
export type MeasuredSae = z.infer<typeof MeasuredSae>

/** Both directions of an SAE against every later one, and against random SAEs like each of them. */
export const PairRow = z.object({
  mcs: z.array(z.tuple([z.number().nullable(), z.number().nullable()])),
  pearson: z.array(z.tuple([z.number().nullable(), z.number().nullable()])),
  pearsonRandom: z.array(z.number().nullable()),
})
export type PairRow = z.infer<typeof PairRow>

type Which = 'codes' | 'random'
const codesFile = (folder: string, which: Which, id: SaeId): string =>
  join(folder, 'parts', `${which}-${id}.safetensors`)
const parts = (folder: string): string => join(folder, 'parts')

const u32 = (data: Uint32Array): TensorToWrite => ({ dtype: 'U32', shape: [data.length], pieces: [data] })

export function writeCodes(folder: string, which: Which, id: SaeId, codes: SparseCodes): void {
  mkdirSync(parts(folder), { recursive: true })
  writeSafetensors(codesFile(folder, which, id), {
    start: u32(codes.start),
    feature: u32(codes.feature),
    value: f32Tensor([codes.value.length], codes.value),
  })
}

/** @throws Problem bad-file where the file is damaged. */
export function readCodes(folder: string, which: Which, id: SaeId): SparseCodes {
  const file = openSafetensors(codesFile(folder, which, id))
  const numbers = (name: string): Uint32Array => new Uint32Array(file.readBytes(name).buffer)
  const start = numbers('start')
  return { rows: start.length - 1, start, feature: numbers('feature'), value: file.readF32('value') }
}

export const writeMeasured = (folder: string, id: SaeId, measured: MeasuredSae): void =>
  writeFound(parts(folder), `measured-${id}`, measured)

/** null where the SAE has not been run yet. */
export const readMeasured = (folder: string, id: SaeId): MeasuredSae | null =>
  existsSync(codesFile(folder, 'random', id)) ? readFound(parts(folder), `measured-${id}`, MeasuredSae) : null

export const writePairRow = (folder: string, id: SaeId, row: PairRow): void =>
  writeFound(parts(folder), `pairs-${id}`, row)
export const readPairRow = (folder: string, id: SaeId): PairRow | null =>
  readFound(parts(folder), `pairs-${id}`, PairRow)

export const writeReport = (folder: string, numbers: ReportNumbers): void =>
  writeFound(folder, 'numbers', numbers)
export const readReport = (folder: string): ReportNumbers | null =>
  readFound(folder, 'numbers', ReportNumbers)

/** What the numbers were made from goes once they are there. */
export const removeParts = (folder: string): void => rmSync(parts(folder), { recursive: true, force: true })
