import type { SaeKind } from '../../../src-main/math/sae-parameters.ts'
import { EXAMPLE_DEAD } from '../math/example.ts'
import type { StepOptions } from './take-steps.ts'

/** Examples that together use every part of the graph; a software GPU compiles each for about two seconds. */
export const WEBGPU_EXAMPLES: Record<string, StepOptions> = {
  tied: { settings: { clipNorm: 0.1 } },
  'standard, free decoder': { settings: { cosine: 0.9 } },
  'topk with aux-k': { dead: EXAMPLE_DEAD },
  jumprelu: {},
  'gated, free decoder': {},
  matryoshka: { dead: EXAMPLE_DEAD },
}

export const CURVE: { kind: SaeKind; steps: number } = {
  kind: { architecture: 'standard', decoderNorm: 'unit', dIn: 16, dSae: 48 },
  steps: 50,
}
