import type { Backend } from '../../sae/backend.ts'
import { CpuTrainee } from './trainee.ts'

/** Training on the processor: onnxruntime for the encoder product, WebAssembly kernels for everything sparse. */
export const cpuBackend: Backend = {
  name: 'cpu',
  open: (config, state, options) => CpuTrainee.open(config, state, options),
}
