import { writeAtomically } from '../../store/atomic.ts'
import type { SaeWeights } from '../weights.ts'

/** What Neuronpedia calls the place of a vector. */
export interface VectorPlace {
  modelId: string
  /** TransformerLens spelling, or "" where it is not known. */
  hookName: string
  /** The source, e.g. "8-res-jb". */
  layer: string
}

/** Steering strength where nothing else is known (Neuronpedia's default). */
const STRENGTH = 10

/**
 * Writes one object a feature in the names of Neuronpedia's database (prisma/schema.prisma, Neuron), a JSON array. The
 * vector is the decoder row as it is.
 * @param labelOf the label of a feature, "" where it has none
 */
export function writeNeuronpediaVectors(
  file: string,
  { decoder, dIn, dSae }: SaeWeights,
  place: VectorPlace,
  labelOf: (feature: number) => string,
): void {
  const encoder = new TextEncoder()
  writeAtomically(file, (put) => {
    for (let j = 0; j < dSae; j++) {
      const record = {
        ...place,
        index: String(j),
        hasVector: true,
        vector: [...decoder.subarray(j * dIn, (j + 1) * dIn)],
        vectorLabel: labelOf(j),
        vectorDefaultSteerStrength: STRENGTH,
      }
      put(encoder.encode(`${j === 0 ? '[\n' : ',\n'}${JSON.stringify(record)}`))
    }
    put(encoder.encode('\n]\n'))
  })
}
