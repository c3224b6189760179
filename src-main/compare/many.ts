import type { DensityHistogram, ManyReport, ManyRequest } from '#contract/compare.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { batchTokens } from '../features/encode-part.ts'
import { nullMaxCosine } from '../math/cosine.ts'
import { randomDirections, seededRandom } from '../math/random.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { activationSimilarity } from './activation-similarity.ts'
import { decoderCosine } from './decoder-cosine.ts'
import { countedTokens, evaluationBatches, skipsPosition0 } from './evaluation-tokens.ts'
import { QualitySums, residualOf, type Quality } from './quality.ts'
import { checkSameIds, checkSameRows } from './same-tokens.ts'
import { meanBest } from './ranked-lists.ts'
import { TokenCodes } from './token-codes.ts'

/** No edge is above it: only the best match of each feature is wanted. */
const NO_EDGES = 1
const BIN_WIDTH = 0.25
const RANDOM_SEED = 1

/** One of the SAEs, and what it does on the tokens where there are activations for it. */
interface Member {
  sae: Sae
  weights: SaeWeights
  reader: ActivationReader | null
  measured: { codes: SparseCodes; quality: Quality; density: Float32Array } | null
}

/** log10 of the densities of features that fire, in bins of a quarter up to 0 (firing on every token). */
export function densityHistogram(density: Float32Array): DensityHistogram {
  const bins = Array.from(
    density.filter((d) => d > 0),
    (d) => Math.min(-1, Math.floor(Math.log10(d) / BIN_WIDTH)),
  )
  const first = bins.reduce((least, bin) => Math.min(least, bin), -1)
  const counts = Array<number>(-first).fill(0)
  for (const bin of bins) counts[bin - first]++
  return { from: first * BIN_WIDTH, width: BIN_WIDTH, counts }
}

/** The set an SAE can be run on: same width, and same hook point where it says one. */
function readerFor(sae: Sae, readers: readonly ActivationReader[]): ActivationReader | null {
  const fits = ({ set }: ActivationReader): boolean =>
    set.dIn === sae.dIn &&
    (sae.hookName === null || set.hookName === sae.hookName) &&
    (sae.modelId === null || set.modelId === null || set.modelId === sae.modelId)
  return readers.find(fits) ?? null
}

async function encodeAll(
  weights: SaeWeights,
  reader: ActivationReader,
  request: ManyRequest,
  report: (tokens: number) => void,
): Promise<NonNullable<Member['measured']>> {
  const maxRows = batchTokens(weights.dSae)
  const encoder = await openEncoder(weights, { maxRows })
  const [gathered, sums] = [new TokenCodes(), new QualitySums(weights)]
  let tokens = 0
  try {
    for (const { x, rows } of evaluationBatches(reader, request, maxRows)) {
      const codes = await encoder.encode(x, rows)
      sums.take(x, residualOf(weights, codes, x), codes)
      gathered.append(codes)
      report((tokens += rows))
    }
  } finally {
    await encoder.close()
  }
  return { codes: gathered.all(), quality: sums.quality(), density: sums.density() }
}

/** Random directions, as many and with the same L0 (the k largest of each token): what correlation is worth nothing. */
function randomLike({ dIn, dSae, bDec }: SaeWeights, l0: number): SaeWeights {
  const directions = randomDirections(dSae, dIn, 1, seededRandom(RANDOM_SEED))
  return {
    architecture: 'topk',
    dIn,
    dSae,
    encoder: directions,
    decoder: directions,
    bEnc: new Float32Array(dSae),
    bDec,
    appliesBDecToInput: true,
    k: Math.min(dSae, Math.max(1, Math.round(l0))),
    normalizeActivations: 'none',
  }
}

/** The whole table over every ordered pair; each unordered pair is worked out once. */
async function pairTable(
  members: readonly Member[],
  both: (a: Member, b: Member) => Promise<[number | null, number | null]>,
): Promise<(number | null)[][]> {
  const table = members.map(() => Array<number | null>(members.length).fill(null))
  for (let i = 0; i < members.length; i++) {
    table[i][i] = 1
    for (let j = i + 1; j < members.length; j++) {
      const [there, back] = await both(members[i], members[j])
      table[i][j] = there
      table[j][i] = back
    }
  }
  return table
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

async function meanMaxCosine(a: Member, b: Member): Promise<[number | null, number | null]> {
  if (a.weights.dIn !== b.weights.dIn) return [null, null]
  const { aToB, bToA } = await decoderCosine(a.weights, b.weights, { k: 1, floor: NO_EDGES })
  return [finite(meanBest(aToB)), finite(meanBest(bToA))]
}

function meanMaxPearson(a: SparseCodes, aCount: number, b: SparseCodes, bCount: number): number | null {
  return finite(meanBest(activationSimilarity(a, aCount, b, bCount, { k: 1, measure: 'pearson' })))
}

async function randomPearson(member: Member, request: ManyRequest): Promise<number | null> {
  const { measured, reader, weights } = member
  if (!measured || !reader) return null
  const random = await encodeAll(randomLike(weights, measured.quality.l0), reader, request, () => {})
  return meanMaxPearson(measured.codes, weights.dSae, random.codes, weights.dSae)
}

/** All readers over the same tokens as the first, or a sentence why not. */
function checkReaders(readers: readonly ActivationReader[]): void {
  for (const reader of readers.slice(1)) {
    checkSameRows(readers[0], reader)
    checkSameIds(readers[0], reader, 0, reader.set.tokens)
  }
}

/** Compares every pair of a set of SAEs (source: Universality). The report is the job's result. */
export async function compareMany(
  request: ManyRequest,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const readers = request.activationSetIds.map((id) => openActivations(workspace, id))
  try {
    checkReaders(readers)
    const members: Member[] = request.saeIds.map((id) => {
      const { sae, weights } = loadSae(workspace, id)
      const reader = readerFor(sae, readers)
      if (readers.length > 0 && !reader)
        throw problem(
          'mismatch',
          sae.name,
          `none of the activations is of its hook point (${sae.hookName}, ${sae.dIn} values)`,
        )
      return { sae, weights, reader, measured: null }
    })
    for (const member of members) await measureMember(member, request, control)
    return { ...(await reportOf(members, request, control)) }
  } finally {
    for (const reader of readers) reader.close()
  }
}

async function measureMember(member: Member, request: ManyRequest, control: JobControl): Promise<void> {
  const { reader, weights, sae } = member
  if (!reader) return
  const total = countedTokens(reader.set, request)
  member.measured = await encodeAll(weights, reader, request, (tokens) => {
    control.report(`encoding with ${sae.name}`, tokens, total, 'tokens')
    if (control.stopAsked) control.checkpoint()
  })
}

async function reportOf(
  members: readonly Member[],
  request: ManyRequest,
  control: JobControl,
): Promise<ManyReport> {
  const pairs = (members.length * (members.length - 1)) / 2
  let done = 0
  const counted =
    (doing: string, both: (a: Member, b: Member) => Promise<[number | null, number | null]>) =>
    async (a: Member, b: Member): Promise<[number | null, number | null]> => {
      control.report(doing, done++ % pairs, pairs, 'pairs')
      control.checkpoint()
      return both(a, b)
    }
  const mcs = await pairTable(members, counted('comparing directions', meanMaxCosine))
  const pearson = await pairTable(
    members,
    counted('correlating', async (a, b) => {
      if (!a.measured || !b.measured) return [null, null]
      const [x, y] = [a.measured.codes, b.measured.codes]
      const [nx, ny] = [a.weights.dSae, b.weights.dSae]
      return [meanMaxPearson(x, nx, y, ny), meanMaxPearson(y, ny, x, nx)]
    }),
  )
  const first = members.find(({ reader }) => reader !== null)?.reader ?? null
  const skippedPosition0 = first && skipsPosition0(first.set, request)
  const saes: ManyReport['saes'] = []
  for (const member of members) {
    const { sae, measured, reader } = member
    const { id, name, dSae, dIn, architecture, hookName, modelName } = sae
    saes.push({
      ...{ id, name, dSae, dIn, architecture, hookName, modelName },
      metrics: measured && {
        ...measured.quality,
        skippedPosition0: skippedPosition0 ?? false,
        activationSetId: reader?.set.id ?? null,
      },
      density: measured && densityHistogram(measured.density),
      randomPearson: await randomPearson(member, request),
    })
  }
  return {
    saes,
    mcs,
    nullLine: members.map((a) =>
      members.map((b) =>
        a.weights.dIn === b.weights.dIn ? nullMaxCosine(a.weights.dIn, b.weights.dSae) : null,
      ),
    ),
    pearson,
    tokens: first && countedTokens(first.set, request),
    skippedPosition0,
  }
}
