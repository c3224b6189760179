import { rowNorms } from '../sae/folding.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Sqlite } from '../store/database.ts'
import { readArray, writeArray } from './codes-file.ts'
import { dimensionality } from './dimensionality.ts'

/** What the weights alone say of each feature; all [dSae]. */
export interface Directions {
  /** ‖W_dec,j‖ */
  decoderNorm: Float32Array
  /** Cosine of the feature's encoder row with its decoder row. */
  encoderDecoderCosine: Float32Array
  /** See dimensionality.ts. */
  dimensionality: Float32Array
}
const NAMES = ['decoderNorm', 'encoderDecoderCosine', 'dimensionality'] as const

export const hasDirections = (db: Sqlite): boolean => NAMES.every((name) => readArray(db, name) !== undefined)

export function writeDirections(db: Sqlite, directions: Directions): void {
  db.transaction(() => NAMES.forEach((name) => writeArray(db, name, directions[name]))).immediate()
}

/** Undefined while the index has only just been begun. */
export function readDirections(db: Sqlite): Directions | undefined {
  if (!hasDirections(db)) return undefined
  const read = (name: string): Float32Array => new Float32Array(readArray(db, name)!)
  return {
    decoderNorm: read('decoderNorm'),
    encoderDecoderCosine: read('encoderDecoderCosine'),
    dimensionality: read('dimensionality'),
  }
}

export async function directionsOf(weights: SaeWeights): Promise<Directions> {
  const { encoder, decoder, dIn, dSae } = weights
  const decoderNorm = rowNorms(decoder, dIn)
  const encoderNorm = rowNorms(encoder, dIn)
  const cosine = new Float32Array(dSae)
  for (let j = 0; j < dSae; j++) {
    let dot = 0
    for (let i = j * dIn; i < (j + 1) * dIn; i++) dot += encoder[i] * decoder[i]
    const norms = decoderNorm[j] * encoderNorm[j]
    cosine[j] = norms === 0 ? 0 : dot / norms
  }
  return {
    decoderNorm: Float32Array.from(decoderNorm),
    encoderDecoderCosine: cosine,
    dimensionality: await dimensionality(decoder, dIn, decoderNorm),
  }
}
