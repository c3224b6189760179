import type { Sae } from '#contract/sae.ts'
import { writeAtomically } from '../../store/atomic.ts'
import type { SaeWeights } from '../weights.ts'

/** What Neuronpedia calls the place of a feature. */
export interface NeuronpediaPlace {
  modelId: string
  /** The source: the block, and the name of the set of SAEs, e.g. "8-res-jb". */
  layer: string
  /** TransformerLens spelling, or "" where it is not known. */
  hookName: string
}

/** The names that an SAE of ours gets there. */
export function neuronpediaPlace({ modelName, hookName, name }: Sae): NeuronpediaPlace {
  const block = /^blocks\.(\d+)\./.exec(hookName ?? '')?.[1] ?? '0'
  return { modelId: modelName ?? '', layer: `${block}-${name}`, hookName: hookName ?? '' }
}

/** A float32 in the digits that name it and no other. */
const shortest = (value: number): number => Number(value.toPrecision(9))

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
  place: NeuronpediaPlace,
  labelOf: (feature: number) => string,
): void {
  const encoder = new TextEncoder()
  writeAtomically(file, (put) => {
    for (let j = 0; j < dSae; j++) {
      const record = {
        ...place,
        index: String(j),
        hasVector: true,
        vector: Array.from(decoder.subarray(j * dIn, (j + 1) * dIn), shortest),
        vectorLabel: labelOf(j),
        vectorDefaultSteerStrength: STRENGTH,
      }
      put(encoder.encode(`${j === 0 ? '[\n' : ',\n'}${JSON.stringify(record)}`))
    }
    put(encoder.encode('\n]\n'))
  })
}
