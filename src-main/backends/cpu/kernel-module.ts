import { kernel } from '../../places.ts'
import { STEP_BYTES } from './structs.ts'

/**
 * The functions of kernels/index.ts as JavaScript calls them: every argument is an address in the shared memory or a
 * count, in the order written there. Structs go by their address.
 */
export type Kernels = Record<
  | 'activateTile'
  | 'adam'
  | 'backTile'
  | 'centre'
  | 'closeLargest'
  | 'cosineGradients'
  | 'countColumns'
  | 'countLevels'
  | 'denseErrors'
  | 'fillColumns'
  | 'forward'
  | 'gather'
  | 'gatherPruned'
  | 'keepLargestOfBatch'
  | 'keepLargestOfRows'
  | 'offerLargest'
  | 'orderByRow'
  | 'orderPruned'
  | 'quantiseInputs'
  | 'quantiseRows'
  | 'renumber'
  | 'startColumns'
  | 'stepBytes'
  | 'updateFromCodes'
  | 'updateFromRows',
  (...operands: number[]) => number
>

/** The kernels on this memory; every thread makes its own instance of them. */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('a kernel aborted')
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(kernel('sae')), { env: { memory, abort } })
  const kernels = instance.exports as unknown as Kernels
  if (kernels.stepBytes() !== STEP_BYTES)
    throw new Error('the compiled kernels are of another version: run "npm run kernels"')
  return kernels
}
