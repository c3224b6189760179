import type { Backend } from '../../sae/backend.ts'
import { loadTensorflow, type Tf } from './load.ts'
import { TensorflowTrainee } from './trainee.ts'

/** Training by this TensorFlow.js, on whichever of its backends it is set to. */
export const tensorflowBackendOn = (tf: Tf): Backend => ({
  name: 'tensorflow',
  open: async (config, state, { batchTokens }) => new TensorflowTrainee(tf, config, state, batchTokens),
})

/**
 * Training by TensorFlow's own library, on a CUDA GPU where there is one.
 * @throws Problem not-available with the exact reason
 */
export const openTensorflowBackend = async (): Promise<Backend> => tensorflowBackendOn(await loadTensorflow())
