import { assertNever } from '#contract/assert-never.ts'
import { seededRandom, type Random } from '../../math/random.ts'
import type { ParameterName, Parameters, TraineeConfig, TraineeState } from '../backend.ts'
import type { SaeWeights } from '../weights.ts'
import { batchtopk } from './batchtopk.ts'
import { gated } from './gated.ts'
import { jumprelu } from './jumprelu.ts'
import { matryoshka } from './matryoshka.ts'
import { standard } from './standard.ts'
import { tied } from './tied.ts'
import { topk } from './topk.ts'

export const architectures = { tied, standard, topk, batchtopk, jumprelu, gated, matryoshka }

/**
 * A trainee before its first step.
 * @param seed decides every random number
 * @param bDec start of b_dec [d] (mean or geometric median of some activations); zeros when absent, unused when tied
 */
export function initialState(config: TraineeConfig, seed: number, bDec?: Float32Array): TraineeState {
  const parameters = initialParameters(config, seededRandom(seed), bDec)
  return {
    parameters,
    firstMoments: zerosLike(parameters),
    secondMoments: zerosLike(parameters),
    steps: 0,
    tokensSinceFired: new Uint32Array(config.dSae),
    threshold: null,
  }
}

/** The SAE that a state is, in the program's one form; shares the state's arrays. */
export function saeWeights(config: TraineeConfig, state: TraineeState): SaeWeights {
  switch (config.architecture) {
    case 'tied':
      return tied.weights(config, state)
    case 'standard':
      return standard.weights(config, state)
    case 'topk':
      return topk.weights(config, state)
    case 'batchtopk':
      return batchtopk.weights(config, state)
    case 'jumprelu':
      return jumprelu.weights(config, state)
    case 'gated':
      return gated.weights(config, state)
    case 'matryoshka':
      return matryoshka.weights(config, state)
    default:
      return assertNever(config)
  }
}

function initialParameters(config: TraineeConfig, random: Random, bDec?: Float32Array): Parameters {
  switch (config.architecture) {
    case 'tied':
      return tied.initialParameters(config, random)
    case 'standard':
      return standard.initialParameters(config, random, bDec)
    case 'topk':
      return topk.initialParameters(config, random, bDec)
    case 'batchtopk':
      return batchtopk.initialParameters(config, random, bDec)
    case 'jumprelu':
      return jumprelu.initialParameters(config, random, bDec)
    case 'gated':
      return gated.initialParameters(config, random, bDec)
    case 'matryoshka':
      return matryoshka.initialParameters(config, random, bDec)
    default:
      return assertNever(config)
  }
}

function zerosLike(parameters: Parameters): Parameters {
  const zeros = { ...parameters }
  for (const name of Object.keys(zeros) as (keyof Parameters)[]) {
    const length = zeros[name]?.length
    if (length !== undefined) zeros[name] = new Float32Array(length)
  }
  return zeros
}

/** Which parameters a config has, as rows × width (a vector is one row). */
export function parameterShapes({ architecture, dIn, dSae }: TraineeConfig): ParameterShape[] {
  const encoder: ParameterShape[] = [
    { name: 'encoder', rows: dSae, width: dIn },
    { name: 'bEnc', rows: 1, width: dSae },
  ]
  if (architecture === 'tied') return encoder
  const untied: ParameterShape[] = [
    ...encoder,
    { name: 'decoder', rows: dSae, width: dIn },
    { name: 'bDec', rows: 1, width: dIn },
  ]
  if (architecture === 'jumprelu') return [...untied, { name: 'logThreshold', rows: 1, width: dSae }]
  if (architecture === 'gated')
    return [...untied, { name: 'rMag', rows: 1, width: dSae }, { name: 'bMag', rows: 1, width: dSae }]
  return untied
}

export interface ParameterShape {
  name: ParameterName
  rows: number
  width: number
}
