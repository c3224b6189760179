import { resolve } from 'node:path'
import { ModelId } from '#contract/ids.ts'
import type { Model } from '#contract/model.ts'
import { folderName, inspectFolder } from '../../../src-main/language-model/inspect.ts'

export const fixtures = resolve(import.meta.dirname, '../../fixtures/language-model')

/** A folder as the model thing it would be in a workspace. */
export async function modelOf(folder: string, centerWritingWeights = false): Promise<Model> {
  return {
    id: ModelId.parse('m-testtest'),
    name: folderName(folder),
    createdAt: new Date(0).toISOString(),
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    ...(await inspectFolder(folder, centerWritingWeights)),
  }
}

/** The largest absolute difference; not a number where lengths differ or a value is none. */
export function maxDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return NaN
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)
}
