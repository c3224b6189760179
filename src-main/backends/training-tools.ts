import type { Backend } from '../sae/backend.ts'
import type { TrainingTools } from '../sae/train/open-run.ts'
import { threadsToUse } from '../store/allowed-threads.ts'
import { chooseBackend, openBackend } from './choose.ts'
import { chooseProvider } from './choose-provider.ts'
import { openEncoder } from './cpu/encoder.ts'
import { cpuBackendInThreads } from './in-threads.ts'

const openCpu = (severalSaes: boolean): Promise<Backend> =>
  severalSaes ? Promise.resolve(cpuBackendInThreads()) : openBackend.cpu()

/** Where training steps and encodes run on this machine; a backend is loaded when a run asks for it. */
export const trainingTools: TrainingTools = {
  backends: { ...openBackend, cpu: openCpu },
  chooseBackend: async (severalSaes) => {
    const { backend, reasons } = await chooseBackend()
    return { backend: backend.name === 'cpu' ? await openCpu(severalSaes) : backend, reasons }
  },
  chooseProvider,
  openEncoder: (weights) => openEncoder(weights, { threads: threadsToUse() }),
}
