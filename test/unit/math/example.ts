import { normal, randomDirections, seededRandom } from '../../../src-main/math/random.ts'
import type { SaeKind, SaeParameters } from '../../../src-main/math/sae-parameters.ts'

/** A hand-sized SAE of any kind with generic numbers: no ties, biases that leave about half the features on. */
export function exampleParameters(kind: SaeKind, seed: number): SaeParameters {
  const random = seededRandom(seed)
  const numbers = (count: number, size: number): Float64Array =>
    Float64Array.from({ length: count }, () => size * normal(random))
  const { dIn, dSae, architecture } = kind
  const unit = architecture === 'tied' || kind.decoderNorm === 'unit'
  const rows = Float64Array.from(randomDirections(dSae, dIn, 1, random))
  const bEnc = numbers(dSae, 0.2)
  if (architecture === 'tied') return { encoder: unitRows(rows, dIn), bEnc }
  const untied = {
    encoder: numbers(dSae * dIn, 0.5),
    bEnc,
    decoder: unit ? unitRows(rows, dIn) : numbers(dSae * dIn, 0.5),
    bDec: numbers(dIn, 0.3),
  }
  if (architecture === 'jumprelu') return { ...untied, logThreshold: numbers(dSae, 0.3) }
  if (architecture === 'gated') return { ...untied, rMag: numbers(dSae, 0.3), bMag: numbers(dSae, 0.3) }
  return untied
}

/** Rows of exactly norm 1 in float64. */
function unitRows(rows: Float64Array, d: number): Float64Array {
  const out = rows.slice()
  for (let start = 0; start < out.length; start += d) {
    const norm = Math.hypot(...out.subarray(start, start + d))
    for (let i = start; i < start + d; i++) out[i] /= norm
  }
  return out
}

export function exampleInputs(rows: number, d: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length: rows * d }, () => Math.fround(normal(random)))
}

const size = { dIn: 5, dSae: 9 }
/** One of every architecture and of every option that changes a formula. */
export const EXAMPLE_KINDS: Record<string, SaeKind> = {
  tied: { ...size, architecture: 'tied' },
  'standard, free decoder': { ...size, architecture: 'standard', decoderNorm: 'free' },
  'standard, unit decoder': { ...size, architecture: 'standard', decoderNorm: 'unit' },
  topk: { ...size, architecture: 'topk', decoderNorm: 'unit', k: 3, auxK: 0 },
  'topk with aux-k': { ...size, architecture: 'topk', decoderNorm: 'free', k: 2, auxK: 2 },
  'batchtopk with aux-k': { ...size, architecture: 'batchtopk', decoderNorm: 'unit', k: 2, auxK: 2 },
  jumprelu: { ...size, architecture: 'jumprelu', decoderNorm: 'free', bandwidth: 0.5 },
  'gated, free decoder': { ...size, architecture: 'gated', decoderNorm: 'free' },
  'gated, unit decoder': { ...size, architecture: 'gated', decoderNorm: 'unit' },
  matryoshka: { ...size, architecture: 'matryoshka', decoderNorm: 'free', k: 3, auxK: 2, widths: [2, 5, 9] },
}

/** Features 1, 4, 6 and 8 as dead. */
export const EXAMPLE_DEAD = Array.from({ length: size.dSae }, (_, j) => [1, 4, 6, 8].includes(j))
