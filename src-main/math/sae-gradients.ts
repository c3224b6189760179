import { cosinePenalty } from './cosine-penalty.ts'
import { columnSums, plusRow, times, timesTransposed, transposedTimes } from './matrix.ts'
import { deadCodes, encoderProducts, relu, trainingCodes } from './sae-codes.ts'
import { decodeDense, penaltyWeights, prefixOf, type LossSettings } from './sae-loss.ts'
import { directions, outputBias, type SaeKind, type SaeParameters } from './sae-parameters.ts'

type Numbers = ArrayLike<number>

/** Of one batch: what every gradient is made from. */
interface Batch {
  kind: SaeKind
  p: SaeParameters
  x: Numbers
  rows: number
  settings: LossSettings
  /** [rows, d] x − b_dec */
  centred: Float64Array
  /** [rows, F] */
  products: Float64Array
  codes: Float64Array
}

/** Gradients with respect to the encoder products u [rows, F] and to decoder, b_dec (as output) and the other tensors. */
interface Backward {
  products: Float64Array
  decoder: Float64Array
  bDec: Float64Array
  others: Partial<SaeParameters>
}

/** The gradient of saeLoss, by hand (maths §2); straight-through for jumprelu's threshold. */
export function saeGradients(
  kind: SaeKind,
  p: SaeParameters,
  x: Numbers,
  rows: number,
  settings: LossSettings,
): SaeParameters {
  const centred = plusRow(x, outputBias(p, kind.dIn), -1)
  const products = encoderProducts(kind, p, x, rows)
  const codes = trainingCodes(kind, p, x, rows)
  const batch: Batch = { kind, p, x, rows, settings, centred, products, codes }
  return assemble(batch, backward(batch))
}

function backward(batch: Batch): Backward {
  switch (batch.kind.architecture) {
    case 'gated':
      return gatedBackward(batch)
    case 'jumprelu':
      return jumpBackward(batch, batch.kind.bandwidth)
    default:
      return reluBackward(batch)
  }
}

/** From ∂/∂u to ∂/∂W_enc and ∂/∂b_dec (which moves the encoder's input), the cosine penalty, and the tied sum. */
function assemble(
  { kind, p, rows, centred, codes, settings }: Batch,
  { products, decoder: fromKind, bDec, others }: Backward,
): SaeParameters {
  const { dIn, dSae } = kind
  const penalty = cosinePenalty(codes, directions(p), dSae, dIn).gradient
  const decoder = added(fromKind, scaled(penalty, settings.cosine))
  const encoder = transposedTimes(products, centred, rows, dSae, dIn)
  const bEnc = others.bEnc ?? columnSums(products, dSae)
  if (kind.architecture === 'tied') return { encoder: encoder.map((g, i) => g + decoder[i]), bEnc }
  const throughInput = columnSums(times(products, p.encoder, rows, dSae, dIn), dIn)
  return { ...others, encoder, bEnc, decoder, bDec: bDec.map((g, i) => g - throughInput[i]) }
}

const scaled = (a: Float64Array, factor: number): Float64Array => a.map((v) => v * factor)
const added = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v + b[i])

/** ∂(mean ‖out − target‖²)/∂out */
const errorOf = (out: Float64Array, target: Numbers, rows: number): Float64Array =>
  out.map((v, i) => (2 * (v - target[i])) / rows)

interface ReconstructionBackward {
  codes: Float64Array
  decoder: Float64Array
  bDec: Float64Array
}

/** Of the reconstruction (every prefix of a matryoshka): ∂/∂codes [rows, F], ∂/∂decoder [F, d], ∂/∂b_dec [d]. */
function reconstructionBackward({ kind, p, x, rows, codes }: Batch): ReconstructionBackward {
  const { dIn, dSae } = kind
  const total: ReconstructionBackward = {
    codes: new Float64Array(rows * dSae),
    decoder: new Float64Array(dSae * dIn),
    bDec: new Float64Array(dIn),
  }
  for (const width of kind.architecture === 'matryoshka' ? kind.widths : [dSae]) {
    const prefix = prefixOf(codes, dSae, width)
    const error = errorOf(decodeDense(kind, p, prefix, rows), x, rows)
    const through = timesTransposed(error, directions(p), rows, dIn, dSae)
    total.codes = added(total.codes, prefixOf(through, dSae, width))
    total.decoder = added(total.decoder, transposedTimes(prefix, error, rows, dSae, dIn))
    total.bDec = added(total.bDec, columnSums(error, dIn))
  }
  return total
}

/** λ Σ_t a_tj ‖W_j‖/rows pulls on W_j along itself where norms are free. */
function normPull({ kind, p, rows, settings }: Batch, penalised: Float64Array): Float64Array {
  const { dIn, dSae } = kind
  if (!('decoderNorm' in kind) || kind.decoderNorm === 'unit' || 'k' in kind)
    return new Float64Array(dSae * dIn)
  const sums = columnSums(penalised, dSae)
  const norms = penaltyWeights(kind, p)
  return directions(p).map((w, i) => {
    const j = Math.floor(i / dIn)
    return norms[j] > 0 ? ((settings.sparsity / rows) * sums[j] * w) / norms[j] : 0
  })
}

function reluBackward(batch: Batch): Backward {
  const { kind, p, rows, codes, settings } = batch
  const weights = penaltyWeights(kind, p)
  const penalty = 'k' in kind ? 0 : settings.sparsity / rows
  const main = reconstructionBackward(batch)
  const products = main.codes.map((g, i) => (codes[i] > 0 ? g + penalty * weights[i % kind.dSae] : 0))
  const revived = revivalBackward(batch)
  return {
    products: added(products, revived.products),
    decoder: added(added(main.decoder, normPull(batch, codes)), revived.decoder),
    bDec: main.bDec,
    others: {},
  }
}

/** Aux-k: the dead features' own reconstruction of the residual, which is held constant. */
function revivalBackward({
  kind,
  p,
  x,
  rows,
  codes,
  settings,
}: Batch): Pick<Backward, 'products' | 'decoder'> {
  const { dIn, dSae } = kind
  const { dead, aux } = settings
  if (!('auxK' in kind) || kind.auxK === 0 || !dead?.includes(true))
    return { products: new Float64Array(rows * dSae), decoder: new Float64Array(dSae * dIn) }
  const out = decodeDense(kind, p, codes, rows)
  const residual = out.map((v, i) => x[i] - v)
  const revived = deadCodes(kind, p, x, rows, dead, kind.auxK)
  const error = scaled(errorOf(times(revived, directions(p), rows, dSae, dIn), residual, rows), aux)
  const through = timesTransposed(error, directions(p), rows, dIn, dSae)
  return {
    products: through.map((g, i) => (revived[i] > 0 ? g : 0)),
    decoder: transposedTimes(revived, error, rows, dSae, dIn),
  }
}

/** jumprelu: a is pre where it fires; θ learns from pre within ε/2 of it, by log θ. */
function jumpBackward(batch: Batch, bandwidth: number): Backward {
  const { kind, p, rows, codes, products, settings } = batch
  const main = reconstructionBackward(batch)
  const threshold = (p.logThreshold ?? new Float64Array(kind.dSae)).map(Math.exp)
  const penalty = settings.sparsity / rows
  const logThreshold = new Float64Array(kind.dSae)
  products.forEach((u, i) => {
    const j = i % kind.dSae
    if (Math.abs(u + p.bEnc[j] - threshold[j]) >= bandwidth / 2) return
    logThreshold[j] += (-(threshold[j] * main.codes[i] + penalty) / bandwidth) * threshold[j]
  })
  return {
    products: main.codes.map((g, i) => (codes[i] > 0 ? g : 0)),
    decoder: main.decoder,
    bDec: main.bDec,
    others: { logThreshold },
  }
}

/** Gated: the magnitude learns from the reconstruction, the gate from penalty and its own reconstruction. */
function gatedBackward(batch: Batch): Backward {
  const { kind, p, x, rows, codes, products, settings } = batch
  const { dIn, dSae } = kind
  const main = reconstructionBackward(batch)
  const scale = (p.rMag ?? new Float64Array(dSae)).map(Math.exp)
  const gate = relu(plusRow(products, p.bEnc))
  const error = scaled(errorOf(decodeDense(kind, p, gate, rows), x, rows), settings.aux)
  const throughGate = timesTransposed(error, directions(p), rows, dIn, dSae)
  const weights = penaltyWeights(kind, p)
  const ofGate = throughGate.map((g, i) =>
    gate[i] > 0 ? g + (settings.sparsity / rows) * weights[i % dSae] : 0,
  )
  const ofMagnitude = main.codes.map((g, i) => (codes[i] > 0 ? g : 0))
  return {
    products: ofGate.map((g, i) => g + ofMagnitude[i] * scale[i % dSae]),
    decoder: added(main.decoder, normPull(batch, gate)),
    bDec: main.bDec,
    others: {
      bEnc: columnSums(ofGate, dSae),
      rMag: columnSums(
        ofMagnitude.map((g, i) => g * products[i] * scale[i % dSae]),
        dSae,
      ),
      bMag: columnSums(ofMagnitude, dSae),
    },
  }
}
