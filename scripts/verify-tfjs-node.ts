// Started by verify-tfjs-node.sh: trains through the real TensorFlow addon and through the cpu backend, side by side.
import { cpuBackend } from '../src-main/backends/cpu/backend.ts'
import { openTensorflowBackend } from '../src-main/backends/tensorflow/backend.ts'
import { normal, seededRandom } from '../src-main/math/random.ts'
import { initialState } from '../src-main/sae/architectures/index.ts'
import type { Backend, StepSettings, TraineeConfig } from '../src-main/sae/backend.ts'

const STEPS = 50
const ROWS = 256
const size = { dIn: 64, dSae: 512, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 1e6 }
const kept = { decoderNorm: 'unit', k: 16, auxK: 0 } as const
const configs: TraineeConfig[] = [
  { ...size, architecture: 'tied' },
  { ...size, architecture: 'standard', decoderNorm: 'free' },
  { ...size, ...kept, architecture: 'topk' },
  { ...size, ...kept, architecture: 'batchtopk', thresholdRate: 0.01 },
  { ...size, architecture: 'jumprelu', decoderNorm: 'unit', bandwidth: 0.05 },
  { ...size, architecture: 'gated', decoderNorm: 'unit' },
  { ...size, ...kept, architecture: 'matryoshka', thresholdRate: 0.01, widths: [128, 512] },
]
const settings: StepSettings = { learningRate: 1e-3, sparsity: 0.5, aux: 1, cosine: 0, clipNorm: 1 }

/** The same batches for every backend. */
function batch(step: number): Float32Array {
  const random = seededRandom(1000 + step)
  return Float32Array.from({ length: ROWS * size.dIn }, () => normal(random))
}

async function train(backend: Backend, config: TraineeConfig): Promise<{ losses: number[]; ms: number }> {
  const trainee = await backend.open(config, initialState(config, 7), { batchTokens: ROWS, threads: 1 })
  const losses: number[] = []
  let ms = 0
  for (let step = 0; step < STEPS; step++) {
    const x = batch(step)
    const began = performance.now()
    losses.push((await trainee.step(x, ROWS, settings)).loss)
    if (step > 0) ms += performance.now() - began
  }
  await trainee.dispose()
  return { losses, ms: ms / (STEPS - 1) }
}

const tensorflow = await openTensorflowBackend()
console.log(
  `${STEPS} steps, d=${size.dIn} F=${size.dSae} B=${ROWS}; loss at the end, largest difference, ms per step`,
)
let worst = 0
for (const config of configs) {
  const [here, there] = [await train(cpuBackend, config), await train(tensorflow, config)]
  const off = Math.max(...here.losses.map((loss, i) => Math.abs(there.losses[i] / loss - 1)))
  worst = Math.max(worst, off)
  const times = `tensorflow ${there.ms.toFixed(1)}, cpu ${here.ms.toFixed(1)}`
  console.log(
    `${config.architecture.padEnd(11)} ${there.losses[STEPS - 1].toFixed(4)}  ${off.toExponential(1)}  ${times}`,
  )
}
if (!(worst < 1e-3)) {
  console.error(`the loss curves differ by ${worst.toExponential(1)} of the loss`)
  process.exitCode = 1
}
