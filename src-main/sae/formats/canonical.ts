import { problem } from '#contract/problem.ts'
import { readTensor, sizeOf } from '../../store/tensor-file.ts'
import { foldActivationScale, foldCentring, foldDecoderNorm, rowNorms } from '../folding.ts'
import { rowsIntoColumns } from '../transpose.ts'
import { checkWeights, type SaeWeights } from '../weights.ts'
import type { Layout } from './claims.ts'
import type { Found, Slot } from './found.ts'

/**
 * Reads the tensors of a found SAE into the program's shape: transposes, broadcasts and folds as its claims say.
 * @throws Problem bad-file naming the tensor and the shape or value that is wrong.
 */
export function canonicalWeights(found: Found): SaeWeights {
  const { claims, dIn, dSae } = found
  const architecture = claims.architecture.value
  const weights: SaeWeights = {
    architecture,
    dIn,
    dSae,
    encoder: matrix(found, 'W_enc', claims.W_enc.value),
    bEnc: vector(found, architecture === 'gated' ? 'b_gate' : 'b_enc', dSae),
    decoder: matrix(found, 'W_dec', claims.W_dec.value),
    bDec: vector(found, 'b_dec', dIn),
    appliesBDecToInput: claims.b_dec.value === 'subtracted from the input',
    normalizeActivations: claims.normalisation.value,
    ...(claims.k && { k: claims.k.value }),
    ...(found.slots.threshold && { threshold: vector(found, 'threshold', dSae) }),
    ...(architecture === 'gated' && {
      rMag: vector(found, 'r_mag', dSae),
      bMag: vector(found, 'b_mag', dSae),
    }),
    ...(found.prefixes && { prefixes: found.prefixes }),
  }
  if (found.slots.scaling_factor) scaleDecoder(weights, vector(found, 'scaling_factor', dSae))
  if (claims.rescale.value === 'by decoder norm') applyRescale(weights)
  checkWeights(weights, found.path)
  return folded(found, weights)
}

function folded({ claims }: Found, weights: SaeWeights): SaeWeights {
  let out = weights
  if (claims.scale.value !== 1) out = foldActivationScale(out, claims.scale.value)
  if (claims.centring.value === 'folded into the encoder') out = foldCentring(out)
  if (claims.folding.value === 'decoder norm') out = foldDecoderNorm(out).weights
  return out
}

/**
 * topk has a word for it. A threshold θ on codes times the decoder norm n is a threshold θ/n on the codes themselves;
 * a feature without a direction never passes it.
 */
function applyRescale(weights: SaeWeights): void {
  const { threshold } = weights
  if (threshold) {
    const norms = rowNorms(weights.decoder, weights.dIn)
    weights.threshold = threshold.map((t, j) => (norms[j] > 0 ? t / norms[j] : Infinity))
  } else if (weights.k !== undefined) weights.rescaleActsByDecoderNorm = true
}

function scaleDecoder(weights: SaeWeights, factor: Float32Array): void {
  const { decoder, dIn, dSae } = weights
  for (let j = 0; j < dSae; j++) for (let i = j * dIn; i < (j + 1) * dIn; i++) decoder[i] *= factor[j]
}

/** One row a feature, whichever way round the file has it. */
function matrix(found: Found, slot: 'W_enc' | 'W_dec', layout: Layout): Float32Array {
  const { dIn, dSae, path } = found
  const values = found.slots[slot]
  if (!values || !('file' in values)) throw problem('bad-file', path, `it has no ${slot}`)
  const { file, name, times } = values
  const shape = file.tensors.get(name)?.shape ?? []
  const expected = layout === 'rows are features' ? [dSae, dIn] : [dIn, dSae]
  if (shape.length !== 2 || shape[0] !== expected[0] || shape[1] !== expected[1])
    throw problem(
      'bad-file',
      file.file,
      `"${name}" has shape [${shape.join(', ')}], [${expected.join(', ')}] is expected for ${slot} (${layout})`,
    )
  const read =
    layout === 'rows are features'
      ? readTensor(file, name)
      : transposed(file.rows(name), expected[0], expected[1])
  if (times !== undefined) for (let i = 0; i < read.length; i++) read[i] *= times
  return finite(read, file.file, name)
}

/** A stored matrix of so many rows and columns with its columns as rows. */
function transposed(runs: Iterable<Float32Array>, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns)
  let at = 0
  for (const run of runs) {
    rowsIntoColumns(run, run.length / columns, columns, out, rows, at)
    at += run.length / columns
  }
  return out
}

function vector(found: Found, slot: Slot, length: number): Float32Array {
  const values = found.slots[slot]
  if (!values) throw problem('bad-file', found.path, `it has no ${slot}`)
  if ('constant' in values) return new Float32Array(length).fill(values.constant)
  const { file, name, exp } = values
  const has = sizeOf(file.tensors.get(name)?.shape ?? [])
  if (has !== length && has !== 1)
    throw problem('bad-file', file.file, `"${name}" has ${has} values, ${length} are expected for ${slot}`)
  let read = readTensor(file, name)
  if (exp) read = read.map(Math.exp)
  if (slot !== 'threshold') finite(read, file.file, name)
  return has === length ? read : new Float32Array(length).fill(read[0])
}

function finite(values: Float32Array, file: string, name: string): Float32Array {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw problem(
        'bad-file',
        file,
        `"${name}" has the value ${values[i]} at position ${i}`,
        'Its training may have diverged, or the file is damaged.',
      )
  return values
}
