import type { CompareSettings, Matches } from '#contract/compare.ts'
import type { EvaluationRequest } from '#contract/evaluation.ts'
import { problem, problemOf, type Problem } from '#contract/problem.ts'
import type { ActivationReader } from '../activations/reader.ts'
import { batchTokens } from '../features/encode-part.ts'
import { seededRandom } from '../math/random.ts'
import type { Encoder } from '../sae/train/evaluate.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { activationSimilarity, type ActivationMeasure } from './activation-similarity.ts'
import { AddedEffect } from './added-effect.ts'
import type { ActivationResults } from './comparison-files.ts'
import { countedTokens, evaluationBatches } from './evaluation-tokens.ts'
import { QualitySums, residualOf, type Quality } from './quality.ts'
import { shuffledTokens, TokenCodes } from './token-codes.ts'

/** What chance gives is the same every time. */
const CHANCE_SEED = 1

/** An SAE with what reads its activations and what encodes them. */
export interface Side {
  weights: SaeWeights
  encoder: Encoder
  reader: ActivationReader
}
export interface SameTokensRequest {
  evaluation: EvaluationRequest
  settings: Pick<CompareSettings, 'k' | 'maskedCosine'>
  /** Whether adding features of B to A means anything: the same activations, and both self-contained. */
  measureEffect: boolean
}
export interface SameTokens {
  tokens: number
  results: ActivationResults
  a: Quality
  b: Quality
}

/** The same tokens in both sets, or a sentence why not. */
export function checkSameRows(a: ActivationReader, b: ActivationReader): void {
  for (const key of ['tokens', 'contextSize', 'hasTokens'] as const)
    if (a.set[key] !== b.set[key])
      throw problem(
        'mismatch',
        b.set.name,
        `its ${key} is ${b.set[key]}, that of "${a.set.name}" is ${a.set[key]}`,
        'Harvest both from the same corpus with the same settings.',
      )
}

export function checkSameIds(a: ActivationReader, b: ActivationReader, from: number, count: number): void {
  const [idsA, idsB] = [a.ids(from, count), b.ids(from, count)]
  const at = idsA?.findIndex((id, t) => id !== idsB?.[t]) ?? -1
  if (at >= 0)
    throw problem(
      'mismatch',
      b.set.name,
      `token ${from + at} is ${idsB?.[at]}, in "${a.set.name}" it is ${idsA?.[at]}`,
      'Harvest both from the same corpus with the same tokenizer.',
    )
}

/** Tokens looked at from either end when two sets are held against each other before the work. */
const LOOKED_AT = 8192

/** Why two sets are not over the same token ids, as far as a quick look says; null where they seem to be. */
export function whyOtherTokens(a: ActivationReader, b: ActivationReader): Problem | null {
  try {
    checkSameRows(a, b)
    const count = Math.min(LOOKED_AT, a.set.tokens)
    for (const from of [0, a.set.tokens - count]) checkSameIds(a, b, from, count)
    return null
  } catch (error) {
    return problemOf(error)
  }
}

/** One side's running sums over the batches. */
class SideSums {
  readonly quality: QualitySums
  readonly codes = new TokenCodes()
  readonly #side: Side
  constructor(side: Side) {
    this.#side = side
    this.quality = new QualitySums(side.weights)
  }
  async take(x: Float32Array, rows: number) {
    const codes = await this.#side.encoder.encode(x, rows)
    const residual = residualOf(this.#side.weights, codes, x)
    this.quality.take(x, residual, codes)
    this.codes.append(codes)
    return { codes, residual }
  }
}

/** Both SAEs on the same tokens in one pass: quality, density, ΔMSE of every feature; then correlations from the codes. */
export async function compareOnTokens(
  a: Side,
  b: Side,
  request: SameTokensRequest,
  report: (doing: string, done: number, total: number, unit: string) => void,
): Promise<SameTokens> {
  if (a.reader !== b.reader) checkSameRows(a.reader, b.reader)
  const { evaluation } = request
  const total = countedTokens(a.reader.set, evaluation)
  const batch = batchTokens(Math.max(a.weights.dSae, b.weights.dSae))
  const [sumsA, sumsB] = [new SideSums(a), new SideSums(b)]
  const effect = request.measureEffect ? new AddedEffect(b.weights) : null
  const batchesB = a.reader === b.reader ? null : evaluationBatches(b.reader, evaluation, batch)
  let tokens = 0
  for (const { x, rows, token } of evaluationBatches(a.reader, evaluation, batch)) {
    const ofA = await sumsA.take(x, rows)
    const xB = batchesB ? (batchesB.next().value?.x ?? x) : x
    if (batchesB) checkSameIds(a.reader, b.reader, token[0], token[rows - 1] + 1 - token[0])
    const ofB = await sumsB.take(xB, rows)
    effect?.take(ofA.residual, ofB.codes)
    tokens += rows
    report('encoding with both', tokens, total, 'tokens')
  }
  return {
    tokens,
    a: sumsA.quality.quality(),
    b: sumsB.quality.quality(),
    results: {
      ...similarities(sumsA, sumsB, request.settings, report),
      aDensity: sumsA.quality.density(),
      bDensity: sumsB.quality.density(),
      deltaMse: effect && effect.deltaSse.map((delta) => delta / tokens),
    },
  }
}

function similarities(
  a: SideSums,
  b: SideSums,
  { k, maskedCosine }: SameTokensRequest['settings'],
  report: (doing: string, done: number, total: number, unit: string) => void,
): Pick<ActivationResults, 'pearson' | 'pearsonByChance' | 'maskedCosine'> {
  const [aCount, bCount] = [a.quality.fires.length, b.quality.fires.length]
  const aCodes = a.codes.all()
  const both = (
    doing: string,
    measure: ActivationMeasure,
    bCodes: SparseCodes,
  ): { aToB: Matches; bToA: Matches } => {
    const from = (done: number): void => report(doing, done, aCount + bCount, 'features')
    return {
      aToB: activationSimilarity(aCodes, aCount, bCodes, bCount, { k, measure, onFeature: from }),
      bToA: activationSimilarity(bCodes, bCount, aCodes, aCount, {
        k,
        measure,
        onFeature: (done) => from(aCount + done),
      }),
    }
  }
  const bCodes = b.codes.all()
  const shuffled = shuffledTokens(bCodes, seededRandom(CHANCE_SEED))
  return {
    pearson: both('correlating', 'pearson', bCodes),
    pearsonByChance: both('correlating by chance', 'pearson', shuffled),
    maskedCosine: maskedCosine ? both('masked cosine', 'masked-cosine', bCodes) : null,
  }
}
