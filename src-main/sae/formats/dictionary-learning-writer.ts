import { join } from 'node:path'
import { problem } from '#contract/problem.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { writeSafetensors } from '../../store/safetensors.ts'
import { runsOf } from '../../store/tensor-file.ts'
import { writeTorchZip, type TorchTensor } from '../../store/torch-writer.ts'
import { foldDecoderBias, foldDecoderNorm, unfoldDecoderBias } from '../folding.ts'
import { columnsAsRows } from '../transpose.ts'
import type { SaeWeights } from '../weights.ts'

// The tensors of dictionary_learning's classes (dictionary.py, trainers/*.py), as ae.pt, which its own loader opens, and
// as ae.safetensors.

const floats = (shape: readonly number[], values: Float32Array): TorchTensor => ({
  dtype: 'float32',
  shape,
  pieces: () => [values],
})
const integers = (shape: readonly number[], values: number[]): TorchTensor => ({
  dtype: 'int32',
  shape,
  pieces: () => [Int32Array.from(values)],
})

/** A matrix of one row a feature as [d_in, d_sae]. */
const transposed = (rows: Float32Array, dIn: number, dSae: number): TorchTensor => ({
  dtype: 'float32',
  shape: [dIn, dSae],
  *pieces() {
    for (const [from, to] of runsOf(dIn, dSae))
      yield columnsAsRows(rows, dIn, from, to, new Float32Array((to - from) * dSae))
  },
})

interface Written {
  dictClass: string
  tensors: Record<string, TorchTensor>
}

/** nn.Linear keeps [out, in]. */
const linear = ({ encoder, decoder, dIn, dSae }: SaeWeights): Record<string, TorchTensor> => ({
  'encoder.weight': floats([dSae, dIn], encoder),
  'decoder.weight': transposed(decoder, dIn, dSae),
})
const bias = ({ bEnc, dSae }: SaeWeights): Record<string, TorchTensor> => ({
  'encoder.bias': floats([dSae], bEnc),
})
const bDec = ({ dIn, bDec }: SaeWeights): TorchTensor => floats([dIn], bDec)

/** Thresholds of batchtopk are one number in this library. */
function oneThreshold({ threshold }: SaeWeights): number | null {
  return threshold?.every((value) => value === threshold[0]) ? threshold[0] : null
}

function batchTopK(weights: SaeWeights, threshold: number): Written {
  const { k = 0, dSae, prefixes } = weights
  const sparsity = { k: integers([], [Math.round(k)]), threshold: floats([], Float32Array.of(threshold)) }
  if (weights.architecture !== 'matryoshka')
    return {
      dictClass: 'BatchTopKSAE',
      tensors: { ...sparsity, ...linear(weights), ...bias(weights), b_dec: bDec(weights) },
    }
  const ends = prefixes ?? [dSae]
  const sizes = ends.map((end, i) => end - (ends[i - 1] ?? 0))
  return {
    dictClass: 'MatryoshkaBatchTopKSAE',
    tensors: { ...sparsity, ...parameters(weights), group_sizes: integers([sizes.length], sizes) },
  }
}

const parameters = (weights: SaeWeights): Record<string, TorchTensor> => ({
  W_enc: transposed(weights.encoder, weights.dIn, weights.dSae),
  b_enc: floats([weights.dSae], weights.bEnc),
  W_dec: floats([weights.dSae, weights.dIn], weights.decoder),
  b_dec: bDec(weights),
})

/** Which class it is there, with b_dec where that class has it. */
function written(weights: SaeWeights): Written {
  const { architecture, dSae, k } = weights
  const subtracting = unfoldDecoderBias(weights)
  switch (architecture) {
    case 'tied':
    case 'standard':
      return weights.appliesBDecToInput
        ? { dictClass: 'AutoEncoder', tensors: { bias: bDec(weights), ...linear(weights), ...bias(weights) } }
        : {
            dictClass: 'AutoEncoderNew',
            tensors: { ...linear(weights), ...bias(weights), 'decoder.bias': bDec(weights) },
          }
    case 'gated': {
      const { bEnc, bMag, rMag } = subtracting
      const each = (values?: Float32Array): TorchTensor => floats([dSae], values ?? new Float32Array(dSae))
      const own = {
        decoder_bias: bDec(weights),
        r_mag: each(rMag),
        gate_bias: each(bEnc),
        mag_bias: each(bMag),
      }
      return { dictClass: 'GatedAutoEncoder', tensors: { ...own, ...linear(weights) } }
    }
    case 'topk':
      return {
        dictClass: 'AutoEncoderTopK',
        tensors: {
          k: integers([], [k ?? 0]),
          threshold: floats([], Float32Array.of(-1)),
          ...linear(subtracting),
          ...bias(subtracting),
          b_dec: bDec(weights),
        },
      }
    case 'batchtopk':
    case 'matryoshka': {
      const threshold = oneThreshold(weights)
      return threshold === null ? jumpRelu(weights) : batchTopK(subtracting, threshold)
    }
    case 'jumprelu':
      return jumpRelu(weights)
  }
}

function jumpRelu(weights: SaeWeights): Written {
  const folded = foldDecoderBias(weights)
  const threshold = floats([weights.dSae], folded.threshold ?? new Float32Array(weights.dSae))
  return { dictClass: 'JumpReluAutoEncoder', tensors: { ...parameters(folded), threshold } }
}

export interface TrainerSide {
  lm_name: string | null
  /** hook point in TransformerLens spelling */
  submodule_name: string | null
}

/**
 * Writes ae.pt, ae.safetensors and config.json. Codes and reconstructions are the same; b_dec is folded where the class
 * wants it so. @throws Problem for inputs normalised per token, which the library has no word for.
 */
export function writeDictionaryLearning(folder: string, weights: SaeWeights, trainer: TrainerSide): string[] {
  if (
    weights.normalizeActivations === 'layer_norm' ||
    weights.normalizeActivations === 'constant_norm_rescale'
  )
    throw problem(
      'unsupported',
      folder,
      `dictionary_learning has no inputs normalised per token (${weights.normalizeActivations})`,
      'Export a SAELens folder.',
    )
  const { dictClass, tensors } = written(
    weights.rescaleActsByDecoderNorm ? foldDecoderNorm(weights).weights : weights,
  )
  writeTorchZip(join(folder, 'ae.pt'), tensors)
  const dtypes = { float32: 'F32', int32: 'I32' } as const
  writeSafetensors(
    join(folder, 'ae.safetensors'),
    Object.fromEntries(
      Object.entries(tensors).map(([name, { dtype, shape, pieces }]) => [
        name,
        { dtype: dtypes[dtype], shape, pieces: pieces() },
      ]),
    ),
  )
  const layer = /^blocks\.(\d+)\./.exec(trainer.submodule_name ?? '')?.[1]
  const config = {
    trainer: {
      dict_class: dictClass,
      activation_dim: weights.dIn,
      dict_size: weights.dSae,
      ...(weights.k !== undefined && { k: Math.round(weights.k) }),
      ...(layer !== undefined && { layer: Number(layer) }),
      ...trainer,
    },
    buffer: {},
  }
  writeAtomically(join(folder, 'config.json'), (put) =>
    put(new TextEncoder().encode(JSON.stringify(config, null, 2))),
  )
  return ['ae.pt', 'ae.safetensors', 'config.json']
}
