import type { ActivationSet } from '#contract/activation-set.ts'
import type { Sae, SaeMetrics } from '#contract/sae.ts'
import type { ActivationReader } from '../activations/reader.ts'
import type { Workspace } from '../store/workspace.ts'
import { foldActivationScale, foldCentring, rowNorms } from './folding.ts'
import { reconstruct } from './train/reconstruct.ts'
import type { SaeWeights, SparseCodes } from './weights.ts'

/** Encodes rows of inputs [rows, dIn] with one SAE. */
export interface Encoding {
  encode(x: Float32Array, rows: number): Promise<SparseCodes>
  close(): Promise<void>
}
/** Given by whoever has a backend. */
export type OpenEncoding = (weights: SaeWeights) => Promise<Encoding>

/** Tokens encoded together: an SAE that is read wrongly may fire everywhere. */
const BLOCK_TOKENS = 256
const SAMPLE_TOKENS = 8192
const PARTS = 16
/** Another reading of the file explains this much more variance: then it is the likely cause. */
const CLEARLY_BETTER = 0.2

/** The activation sets that an SAE can be tried on: same hook point and width, of its model where that is known. */
export function matchingActivations(
  workspace: Workspace,
  sae: Pick<Sae, 'hookName' | 'dIn' | 'modelId'>,
): ActivationSet[] {
  return workspace.activationSets
    .list()
    .filter(
      (set) =>
        set.complete &&
        set.hookName === sae.hookName &&
        set.dIn === sae.dIn &&
        (sae.modelId === null || set.modelId === sae.modelId),
    )
    .sort((a, b) => b.tokens - a.tokens)
}

/** Tokens of a set in a few runs spread over it, without position 0 of any row: [tokens, dIn]. */
export function sampleTokens({ set, read }: Pick<ActivationReader, 'set' | 'read'>): Float32Array {
  const { tokens, dIn, contextSize } = set
  const perPart = Math.max(1, Math.floor(Math.min(tokens, SAMPLE_TOKENS) / PARTS))
  const out = new Float32Array(perPart * PARTS * dIn)
  let kept = 0
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * (tokens - perPart)) / Math.max(1, PARTS - 1))
    const run = read(from, perPart)
    for (let t = 0; t < perPart; t++) {
      if (contextSize > 1 && (from + t) % contextSize === 0) continue
      out.set(run.subarray(t * dIn, (t + 1) * dIn), kept * dIn)
      kept++
    }
  }
  return out.subarray(0, kept * dIn)
}

type Measured = Pick<SaeMetrics, 'mse' | 'l0' | 'explainedVariance' | 'dead' | 'tokens'>

/** MSE, L0 and explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², x̄ the mean of each dimension over these tokens. */
export async function measure(weights: SaeWeights, x: Float32Array, open: OpenEncoding): Promise<Measured> {
  const { dIn, dSae } = weights
  const tokens = x.length / dIn
  const fired = new Uint8Array(dSae)
  let nonZeros = 0
  let error = 0
  const encoding = await open(weights)
  try {
    for (let from = 0; from < tokens; from += BLOCK_TOKENS) {
      const block = x.subarray(from * dIn, (from + BLOCK_TOKENS) * dIn)
      const codes = await encoding.encode(block, block.length / dIn)
      const out = reconstruct(weights, codes, block)
      for (let i = 0; i < block.length; i++) error += (block[i] - out[i]) ** 2
      nonZeros += codes.start[codes.rows]
      for (const feature of codes.feature) fired[feature] = 1
    }
  } finally {
    await encoding.close()
  }
  const variance = spread(x, dIn)
  return {
    mse: error / tokens,
    l0: nonZeros / tokens,
    explainedVariance: variance > 0 ? 1 - error / variance : 0,
    dead: fired.reduce((silent, fires) => silent - fires, dSae),
    tokens,
  }
}

/** Σ‖x − x̄‖² */
function spread(x: Float32Array, dIn: number): number {
  const sums = new Float64Array(dIn)
  let squares = 0
  for (let i = 0; i < x.length; i++) {
    sums[i % dIn] += x[i]
    squares += x[i] * x[i]
  }
  return squares - sums.reduce((total, sum) => total + sum * sum, 0) / (x.length / dIn)
}

export interface SelfCheck {
  metrics: SaeMetrics
  warnings: string[]
}

/** Tries an SAE on a sample of activations; where the numbers are implausible, other readings of its file as well. */
export async function selfCheck(
  reader: ActivationReader,
  weights: SaeWeights,
  open: OpenEncoding,
): Promise<SelfCheck> {
  const x = sampleTokens({ set: reader.set, read: (from, count) => reader.read(from, count) })
  const measured = await measure(weights, x, open)
  const metrics = {
    ...measured,
    skippedPosition0: reader.set.contextSize > 1,
    activationSetId: reader.set.id,
  }
  const { explainedVariance: ev, l0, tokens } = measured
  if (ev >= 0 && l0 <= weights.dSae / 4) return { metrics, warnings: [] }
  const what =
    ev < 0
      ? `explained variance is ${ev.toFixed(2)}`
      : `${l0.toFixed(0)} of ${weights.dSae} features fire per token`
  const cause = await likelyCause(weights, x, ev, open)
  return { metrics, warnings: [`On ${tokens} tokens of "${reader.set.name}" ${what}. ${cause}`] }
}

/** Other things that the same tensors may mean, each with what to set for it. */
function otherReadings(
  weights: SaeWeights,
  x: Float32Array,
): [name: string, setting: string, make: () => SaeWeights][] {
  const { dIn, appliesBDecToInput, normalizeActivations } = weights
  const norms = rowNorms(x, dIn)
  const scale = (Math.sqrt(dIn) * norms.length) / norms.reduce((sum, norm) => sum + norm, 0)
  const readings: [string, string, () => SaeWeights][] = [
    appliesBDecToInput
      ? [
          'b_dec is not subtracted from the input',
          'b_dec="not subtracted"',
          () => ({ ...weights, appliesBDecToInput: false }),
        ]
      : [
          'b_dec is subtracted from the input',
          'b_dec="subtracted from the input"',
          () => ({ ...weights, appliesBDecToInput: true }),
        ],
    ['its inputs were centred over d', 'centring="folded into the encoder"', () => foldCentring(weights)],
  ]
  if (normalizeActivations === 'none' || normalizeActivations === 'expected_average_only_in')
    readings.push(
      [
        'its inputs were scaled to norm √d on average',
        `scale=${scale.toPrecision(4)}`,
        () => foldActivationScale(weights, scale),
      ],
      [
        'its inputs were layer-normalised',
        'normalisation=layer_norm',
        () => ({ ...weights, normalizeActivations: 'layer_norm' }),
      ],
    )
  return readings
}

async function likelyCause(
  weights: SaeWeights,
  x: Float32Array,
  ev: number,
  open: OpenEncoding,
): Promise<string> {
  const few = x.subarray(0, Math.min(x.length, 1024 * weights.dIn))
  let best = { ev: Math.max(ev, -1) + CLEARLY_BETTER, words: '' }
  if (weights.architecture !== 'tied')
    for (const [name, setting, make] of otherReadings(weights, few)) {
      const other = (await measure(make(), few, open)).explainedVariance
      if (other > Math.max(0, best.ev))
        best = {
          ev: other,
          words: `Likely ${name}: with ${setting} it is ${other.toFixed(2)}; import it so.`,
        }
    }
  return (
    best.words ||
    'Check that hook point, model and layout are right: no other reading of the file does better.'
  )
}
