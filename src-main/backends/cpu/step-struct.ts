import { rateFactor } from '../../math/sae-parameters.ts'
import type { StepSettings, TraineeConfig } from '../../sae/backend.ts'
import type { Layout } from './layout.ts'
import type { ResidentState } from './resident-state.ts'
import type { StepStruct } from './structs.ts'

/** ACTIVATION_… of kernels/structs.ts: what a chosen pre-activation becomes. */
const ACTIVATION = { relu: 0, jump: 1, gated: 2 }

function activationOf({ architecture }: TraineeConfig): number {
  if (architecture === 'jumprelu') return ACTIVATION.jump
  return architecture === 'gated' ? ACTIVATION.gated : ACTIVATION.relu
}

/** Fills in what stays the same from step to step. */
export function fillStruct(
  struct: StepStruct,
  config: TraineeConfig,
  state: ResidentState,
  layout: Layout,
): void {
  const { arrays, codes, dead } = layout
  const tied = config.architecture === 'tied'
  struct.set({
    ...arrays,
    d: layout.d,
    features: layout.features,
    activation: activationOf(config),
    groups: layout.groups,
    codes: codes.struct,
    auxCodes: dead?.struct ?? 0,
    encoder: state.encoder.struct,
    bEnc: state.bEnc.struct,
    decoder: state.decoder.struct,
    bDec: state.bDec.struct,
    extra1: state.extra1?.struct ?? 0,
    extra2: state.extra2?.struct ?? 0,
    weight: state.weight.address,
    derived: state.derived.address,
    unitNorm: tied || config.decoderNorm === 'unit' ? 1 : 0,
    tied: tied ? 1 : 0,
    bandwidth: config.architecture === 'jumprelu' ? config.bandwidth : 0,
    ...config.adam,
  })
}

/** λ; kinds that keep the k largest have no sparsity term. */
export const penaltyOf = (config: TraineeConfig, { sparsity }: StepSettings): number =>
  'k' in config ? 0 : sparsity

/** Sets what changes with every step. */
export function setStep(
  struct: StepStruct,
  state: ResidentState,
  rows: number,
  settings: StepSettings,
): void {
  const { architecture, dIn, adam } = state.config
  const { beta1, beta2 } = adam
  const t = state.steps + 1
  struct.set({
    rows,
    errorScale: 2 / rows,
    penalty: penaltyOf(state.config, settings) / rows,
    auxScale: (2 * settings.aux) / rows,
    learningRate: settings.learningRate,
    extra1Rate: settings.learningRate * (architecture === 'jumprelu' ? rateFactor('logThreshold', dIn) : 1),
    firstCorrection: 1 / (1 - beta1 ** t),
    secondCorrection: 1 / (1 - beta2 ** t),
    gradientScale: 1,
    cosineGradient: 0,
  })
}
