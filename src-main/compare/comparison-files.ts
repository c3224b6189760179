import { mkdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ComparisonArrays, Matches } from '#contract/compare.ts'
import type { CosineEdges } from '#contract/swap-graph.ts'
import {
  f32Tensor,
  openSafetensors,
  writeSafetensors,
  type Safetensors,
  type TensorToWrite,
} from '../store/safetensors.ts'
import type { Similarities } from './similarities.ts'

// A comparison's arrays, in its own folder: cosine.safetensors and activations.safetensors. Each is written whole when
// its part of the work is done, so a file that is there is right.

type Tensors = Record<string, TensorToWrite>
const i32 = (data: Int32Array): TensorToWrite => ({ dtype: 'I32', shape: [data.length], pieces: [data] })
const f64 = (data: Float64Array): TensorToWrite => ({ dtype: 'F64', shape: [data.length], pieces: [data] })
const f32 = (data: Float32Array): TensorToWrite => f32Tensor([data.length], data)

const matchTensors = (name: string, { k, value, feature }: Matches): Tensors => ({
  [`${name}.value`]: f32Tensor([feature.length / k, k], value),
  [`${name}.feature`]: { dtype: 'I32', shape: [feature.length / k, k], pieces: [feature] },
})

function readMatches(file: Safetensors, name: string): Matches {
  const [, k] = file.entry(`${name}.value`).shape
  return { k, value: file.readF32(`${name}.value`), feature: file.readI32(`${name}.feature`) }
}

const readF64 = (file: Safetensors, name: string): Float64Array<ArrayBuffer> => {
  file.entry(name)
  return new Float64Array(file.readBytes(name).buffer)
}

const cosineFile = (folder: string): string => join(folder, 'cosine.safetensors')
const activationsFile = (folder: string): string => join(folder, 'activations.safetensors')

export const hasCosine = (folder: string): boolean => existsSync(cosineFile(folder))
export const hasActivations = (folder: string): boolean => existsSync(activationsFile(folder))

export function writeCosine(folder: string, { aToB, bToA, edges }: Similarities): void {
  mkdirSync(folder, { recursive: true })
  writeSafetensors(cosineFile(folder), {
    ...matchTensors('aToB', aToB),
    ...matchTensors('bToA', bToA),
    'edges.a': i32(edges.a),
    'edges.b': i32(edges.b),
    'edges.cosine': f32(edges.cosine),
  })
}

export interface ActivationResults {
  pearson: { aToB: Matches; bToA: Matches }
  pearsonByChance: { aToB: Matches; bToA: Matches }
  maskedCosine: { aToB: Matches; bToA: Matches } | null
  aDensity: Float32Array
  bDensity: Float32Array
  deltaMse: Float64Array | null
}

export function writeActivations(folder: string, results: ActivationResults): void {
  mkdirSync(folder, { recursive: true })
  const { pearson, pearsonByChance, maskedCosine, deltaMse } = results
  writeSafetensors(activationsFile(folder), {
    ...matchTensors('pearson.aToB', pearson.aToB),
    ...matchTensors('pearson.bToA', pearson.bToA),
    ...matchTensors('pearsonByChance.aToB', pearsonByChance.aToB),
    ...matchTensors('pearsonByChance.bToA', pearsonByChance.bToA),
    ...(maskedCosine && matchTensors('maskedCosine.aToB', maskedCosine.aToB)),
    ...(maskedCosine && matchTensors('maskedCosine.bToA', maskedCosine.bToA)),
    aDensity: f32(results.aDensity),
    bDensity: f32(results.bDensity),
    ...(deltaMse && { deltaMse: f64(deltaMse) }),
  })
}

function readCosine(folder: string): NonNullable<ComparisonArrays['cosine']> {
  const file = openSafetensors(cosineFile(folder))
  const edges: CosineEdges = {
    a: file.readI32('edges.a'),
    b: file.readI32('edges.b'),
    cosine: file.readF32('edges.cosine'),
  }
  return { aToB: readMatches(file, 'aToB'), bToA: readMatches(file, 'bToA'), edges }
}

function readActivations(folder: string): NonNullable<ComparisonArrays['activations']> {
  const file = openSafetensors(activationsFile(folder))
  const both = (name: string) => ({
    aToB: readMatches(file, `${name}.aToB`),
    bToA: readMatches(file, `${name}.bToA`),
  })
  const ifThere = (name: string) => (file.tensors.has(`${name}.aToB.value`) ? both(name) : null)
  return {
    pearson: both('pearson'),
    pearsonByChance: ifThere('pearsonByChance'),
    maskedCosine: ifThere('maskedCosine'),
    aDensity: file.readF32('aDensity'),
    bDensity: file.readF32('bDensity'),
    deltaMse: file.tensors.has('deltaMse') ? readF64(file, 'deltaMse') : null,
  }
}

/** What has been made so far of a comparison. @throws Problem bad-file where a file is damaged. */
export const readComparison = (folder: string): ComparisonArrays => ({
  cosine: hasCosine(folder) ? readCosine(folder) : null,
  activations: hasActivations(folder) ? readActivations(folder) : null,
})
