import type { Random } from '../../math/random.ts'
import type { Parameters, TraineeConfig, TraineeState } from '../backend.ts'
import type { SaeWeights } from '../weights.ts'

export type ConfigOf<A extends TraineeConfig['architecture']> = Extract<TraineeConfig, { architecture: A }>

/** What one kind of SAE is, beside its arithmetic (math/ is the plain form, backends/ the fast ones). */
export interface ArchitectureDescription<A extends TraineeConfig['architecture']> {
  architecture: A
  /** Where it was introduced. */
  paper: string
  /** What a step descends on, as a formula for the interface. */
  loss: string
  /**
   * Parameters to start from.
   * @param bDec start of b_dec [d] (a mean or geometric median of the activations); zeros when absent
   */
  initialParameters(config: ConfigOf<A>, random: Random, bDec?: Float32Array): Parameters
  /** The trained SAE in the program's one form. Shares the state's arrays. */
  weights(config: ConfigOf<A>, state: TraineeState): SaeWeights
}
