import { adamStep, normaliseRows, projectOffRows, type AdamConstants } from './adam.ts'
import { saeGradients } from './sae-gradients.ts'
import { saeLoss, type LossParts, type LossSettings } from './sae-loss.ts'
import { directions, rateFactor, type SaeKind, type SaeParameters } from './sae-parameters.ts'

export interface SaeTraining {
  parameters: SaeParameters
  firstMoments: SaeParameters
  secondMoments: SaeParameters
  steps: number
}

export interface SaeStepSettings extends LossSettings {
  learningRate: number
  clipNorm: number | null
}

/**
 * One training step in place, the plain way: what every backend's step is proven against. Where decoder rows are kept
 * at norm 1 the gradient's part along them is removed first, then the whole gradient is clipped, then Adam, then the
 * rows are made unit again.
 */
export function saeStep(
  kind: SaeKind,
  training: SaeTraining,
  x: ArrayLike<number>,
  rows: number,
  settings: SaeStepSettings,
  adam: AdamConstants,
): LossParts & { gradientNorm: number } {
  const { parameters } = training
  const parts = saeLoss(kind, parameters, x, rows, settings)
  const gradients = saeGradients(kind, parameters, x, rows, settings)
  const unit = kind.architecture === 'tied' || kind.decoderNorm === 'unit'
  if (unit) projectOffRows(directions(gradients), directions(parameters), kind.dIn)
  const gradientNorm = normOfAll(gradients)
  const { clipNorm } = settings
  const scale = clipNorm !== null && gradientNorm > clipNorm ? clipNorm / gradientNorm : 1
  training.steps++
  for (const name of Object.keys(parameters) as (keyof SaeParameters)[]) {
    const [value, first, second] = [training.parameters, training.firstMoments, training.secondMoments].map(
      (tensors) => tensors[name],
    )
    const gradient = gradients[name]?.map((g) => g * scale)
    const rate = settings.learningRate * rateFactor(name, kind.dIn)
    if (value && first && second && gradient)
      adamStep(value, first, second, gradient, training.steps, rate, adam)
  }
  if (unit) normaliseRows(directions(parameters), kind.dIn)
  return { ...parts, gradientNorm }
}

/** Norm of all gradients together. */
function normOfAll(gradients: SaeParameters): number {
  let square = 0
  for (const gradient of Object.values(gradients) as Float64Array[]) for (const g of gradient) square += g * g
  return Math.sqrt(square)
}
