import { z } from 'zod'
import type { ReportId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import type { PairTable, Report, ReportedSae, ReportNumbers } from '#contract/report.ts'
import type { Sae } from '#contract/sae.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { nullMaxCosine } from '../math/cosine.ts'
import { loadSae } from '../sae/load.ts'
import type { Workspace } from '../store/workspace.ts'
import { countedTokens, skipsPosition0 } from './evaluation-tokens.ts'
import { measureSae, randomCodes } from './measure-sae.ts'
import { pairRow, type RowSource } from './pair-row.ts'
import {
  readCodes,
  readMeasured,
  readPairRow,
  removeParts,
  writeCodes,
  writeMeasured,
  writePairRow,
  writeReport,
  type MeasuredSae,
  type PairRow,
} from './report-parts.ts'
import { checkSharedTokens, readerFor } from './shared-tokens.ts'

/** One of the SAEs, and the activations it is run on. */
interface Member {
  sae: Sae
  reader: ActivationReader | null
}
interface Work {
  workspace: Workspace
  report: Report
  folder: string
  members: Member[]
  control: JobControl
}

/**
 * Compares every pair of a set of SAEs (source: Universality). Each pass over the tokens and each row of pairs is durable
 * when it is done; at most two SAEs' weights and codes are in memory.
 */
export async function compareMany(
  id: ReportId,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const report = workspace.reports.get(id)
  if (report.complete) return { id }
  const { saeIds, activationSetIds } = report.settings
  const readers = activationSetIds.map((set) => openActivations(workspace, set))
  try {
    const sameIds = readers.length > 0 ? checkSharedTokens(readers) : null
    const members = saeIds.map((saeId): Member => {
      const sae = workspace.saes.get(saeId)
      return { sae, reader: readers.length > 0 ? readerFor(workspace, sae, readers) : null }
    })
    const work: Work = { workspace, report, folder: workspace.reportFolder(id), members, control }
    const measured = await measureAll(work)
    const rows = await compareAll(work)
    const numbers = numbersOf(work, measured, rows, sameIds)
    writeReport(work.folder, numbers)
    workspace.reports.update(id, { tokens: numbers.tokens, complete: true })
    removeParts(work.folder)
    return { id }
  } finally {
    for (const reader of readers) reader.close()
  }
}

async function measureAll(work: Work): Promise<(MeasuredSae | null)[]> {
  const all: (MeasuredSae | null)[] = []
  for (const member of work.members) {
    all.push(member.reader && (await measureMember(work, member.sae, member.reader)))
    work.control.checkpoint()
  }
  return all
}

async function measureMember(
  { workspace, report, folder, control }: Work,
  sae: Sae,
  reader: ActivationReader,
): Promise<MeasuredSae> {
  const known = readMeasured(folder, sae.id)
  if (known) return known
  const { settings } = report
  const { weights } = loadSae(workspace, sae.id)
  const total = countedTokens(reader.set, settings)
  const said = (doing: string) => (tokens: number) => {
    control.report(doing, tokens, total, 'tokens')
    if (control.stopAsked) control.checkpoint()
  }
  const { codes, measured } = await measureSae(weights, reader, settings, said(`encoding with ${sae.name}`))
  writeCodes(folder, 'codes', sae.id, codes)
  writeMeasured(folder, sae.id, measured)
  // Last: `readMeasured` takes an SAE as measured once its random codes are there.
  const random = await randomCodes(
    weights,
    measured.l0,
    reader,
    settings,
    said(`encoding with a random SAE like ${sae.name}`),
  )
  writeCodes(folder, 'random', sae.id, random)
  return measured
}

async function compareAll({ workspace, folder, members, control }: Work): Promise<PairRow[]> {
  const rowMembers = members.map(({ sae: { id, dSae, dIn } }) => ({ id, dSae, dIn }))
  const measures = members.every(({ reader }) => reader !== null)
  const count = members.length
  const total = measures ? count * (count - 1) + count * count : (count * (count - 1)) / 2
  let done = 0
  const source: RowSource = {
    weights: (id) => loadSae(workspace, id).weights,
    codes: measures ? (which, id) => readCodes(folder, which, id) : null,
    onPair: (doing) => {
      control.report(doing, done++, total, 'pairs')
      if (control.stopAsked) control.checkpoint()
    },
  }
  const rows: PairRow[] = []
  for (const [i, { id }] of rowMembers.entries()) {
    const known = readPairRow(folder, id)
    if (known) done += (count - 1 - i) * (measures ? 2 : 1) + (measures ? count : 0)
    const row = known ?? (await pairRow(rowMembers, i, source))
    if (!known) writePairRow(folder, id, row)
    rows.push(row)
  }
  return rows
}

/** Both halves of a table from what each SAE found against the later ones; 1 with itself. */
function wholeTable(halves: readonly PairRow['mcs'][], itself: readonly (number | null)[]): PairTable {
  const table: PairTable = halves.map(() => halves.map(() => null))
  for (const [i, half] of halves.entries()) {
    table[i][i] = itself[i]
    for (const [n, [there, back]] of half.entries()) {
      table[i][i + 1 + n] = there
      table[i + 1 + n][i] = back
    }
  }
  return table
}

/** What a run wrote down about an SAE that it trained. */
const TrainedWith = z.object({
  tokens: z.int().nullish().catch(null),
  sae: z.object({ seed: z.int() }).nullish().catch(null),
})

function reportedSae(work: Work, { sae, reader }: Member, measured: MeasuredSae | null): ReportedSae {
  const { id, name, dSae, dIn, architecture, hookName, modelId, modelName, runId } = sae
  const { settings } = work.report
  const trained = runId === null ? null : TrainedWith.parse(sae.provenance.parameters)
  const ofModel = reader?.set.modelId ?? modelId
  return {
    ...{ id, name, dSae, dIn, architecture, hookName },
    modelName: (ofModel && work.workspace.models.find(ofModel)?.name) ?? modelName,
    trainedTokens: trained?.tokens ?? null,
    seed: trained?.sae?.seed ?? null,
    baseline: settings.baselineIds.includes(id),
    metrics: measured && {
      mse: measured.mse,
      l0: measured.l0,
      explainedVariance: measured.explainedVariance,
      dead: measured.dead,
      tokens: measured.tokens,
      skippedPosition0: reader !== null && skipsPosition0(reader.set, settings),
      activationSetId: reader?.set.id ?? null,
    },
    norms: measured && measured.norms,
    density: measured && measured.density,
  }
}

function numbersOf(
  work: Work,
  measured: readonly (MeasuredSae | null)[],
  rows: readonly PairRow[],
  sameIds: boolean | null,
): ReportNumbers {
  const { members, report } = work
  const set = members[0].reader?.set ?? null
  return {
    saes: members.map((member, i) => reportedSae(work, member, measured[i])),
    mcs: wholeTable(
      rows.map(({ mcs }) => mcs),
      members.map(() => 1),
    ),
    mcsRandom: members.map(({ sae: a }) =>
      members.map(({ sae: b }) => (a.dIn === b.dIn ? nullMaxCosine(a.dIn, b.dSae) : null)),
    ),
    pearson: wholeTable(
      rows.map(({ pearson }) => pearson),
      members.map(({ reader }) => (reader ? 1 : null)),
    ),
    pearsonRandom: rows.map(({ pearsonRandom }) => pearsonRandom),
    tokens: set && countedTokens(set, report.settings),
    skippedPosition0: set && skipsPosition0(set, report.settings),
    sameIds,
  }
}
