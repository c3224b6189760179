import { cosinePenalty } from './cosine-penalty.ts'
import { plusRow, rowNorms, times } from './matrix.ts'
import { deadCodes, encoderProducts, relu, trainingCodes } from './sae-codes.ts'
import { directions, outputBias, type SaeKind, type SaeParameters } from './sae-parameters.ts'

type Numbers = ArrayLike<number>

export interface LossSettings {
  /** λ */
  sparsity: number
  /** Weight of the aux term. */
  aux: number
  /** Weight of the mean squared cosine of co-active decoder rows. */
  cosine: number
  /** [F] which features count as dead (topk family); none when absent. */
  dead?: readonly boolean[]
}

/** Mean over tokens of each term, with its weight; loss is their sum. */
export interface LossParts {
  loss: number
  reconstruction: number
  sparsity: number
  aux: number
  cosine: number
}

/** x̂ = a·W + b, a [rows, F] */
export function decodeDense(kind: SaeKind, p: SaeParameters, codes: Numbers, rows: number): Float64Array {
  return plusRow(times(codes, directions(p), rows, kind.dSae, kind.dIn), outputBias(p, kind.dIn))
}

/** codes with the features from `width` on set to 0. */
export function prefixOf(codes: Numbers, features: number, width: number): Float64Array {
  return Float64Array.from(codes, (a, i) => (i % features < width ? a : 0))
}

/** What a penalty on activations is weighted by: the decoder norms where they are free, else 1. */
export function penaltyWeights(kind: SaeKind, p: SaeParameters): Float64Array {
  const weighted = 'decoderNorm' in kind && kind.decoderNorm === 'free'
  return weighted ? rowNorms(directions(p), kind.dIn) : new Float64Array(kind.dSae).fill(1)
}

/**
 * The loss of a batch x [rows, d] by the formulas of maths §1.
 * @param held parameters of whatever the gradient must not see: the residual that dead features reconstruct, the
 *   decoder of the gate's reconstruction. The same as p for the value of the loss; kept still for its differences.
 */
export function saeLoss(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  settings: LossSettings,
  held: SaeParameters = p,
): LossParts {
  const codes = trainingCodes(kind, p, x, rows)
  const reconstruction = reconstructionTerm(kind, p, x, rows, codes)
  const sparsity = settings.sparsity * sparsityTerm(kind, p, x, rows, codes)
  const aux = settings.aux * auxTerm(kind, p, x, rows, settings, held)
  const cosine = settings.cosine * cosinePenalty(codes, directions(p), kind.dSae, kind.dIn).value
  const loss = reconstruction + sparsity + aux + cosine
  return { loss, reconstruction, sparsity, aux, cosine }
}

/** Mean over rows of ‖a − b‖². */
export function meanSquaredDistance(a: Numbers, b: Numbers, rows: number): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum / rows
}

function reconstructionTerm(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  codes: Float64Array,
): number {
  const widths = kind.architecture === 'matryoshka' ? kind.widths : [kind.dSae]
  return widths
    .map((width) => decodeDense(kind, p, prefixOf(codes, kind.dSae, width), rows))
    .reduce((sum, out) => sum + meanSquaredDistance(out, x, rows), 0)
}

function sparsityTerm(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  codes: Float64Array,
): number {
  if ('k' in kind) return 0
  if (kind.architecture === 'jumprelu') return codes.filter((a) => a > 0).length / rows
  const penalised =
    kind.architecture === 'gated' ? relu(plusRow(encoderProducts(kind, p, x, rows), p.bEnc)) : codes
  const weights = penaltyWeights(kind, p)
  return penalised.reduce((sum, a, i) => sum + a * weights[i % kind.dSae], 0) / rows
}

function auxTerm(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  { dead }: LossSettings,
  held: SaeParameters,
): number {
  if (kind.architecture === 'gated') {
    const gate = relu(plusRow(encoderProducts(kind, p, x, rows), p.bEnc))
    return meanSquaredDistance(decodeDense(kind, held, gate, rows), x, rows)
  }
  if (!('auxK' in kind) || kind.auxK === 0 || !dead?.includes(true)) return 0
  const out = decodeDense(kind, held, trainingCodes(kind, held, x, rows), rows)
  const residual = Float64Array.from(out, (value, i) => x[i] - value)
  const revived = deadCodes(kind, p, x, rows, dead, kind.auxK)
  const ofDead = times(revived, directions(p), rows, kind.dSae, kind.dIn)
  return meanSquaredDistance(ofDead, residual, rows)
}
