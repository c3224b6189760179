import type { SaeKind } from '../../../src-main/math/sae-parameters.ts'
import { EXAMPLE_DEAD } from '../math/example.ts'
import type { StepOptions } from './take-steps.ts'

/** Examples that together use every part of the graph; a software GPU compiles each for about two seconds. */
export const WEBGPU_EXAMPLES: Record<string, StepOptions> = {
  tied: { settings: { clipNorm: 0.1 } },
  'standard, free decoder': { settings: { cosine: 0.9 } },
  'topk with aux-k': { dead: EXAMPLE_DEAD },
  'batchtopk with aux-k': { dead: EXAMPLE_DEAD },
  jumprelu: {},
  'gated, free decoder': {},
  matryoshka: { dead: EXAMPLE_DEAD },
}

const size = { dIn: 16, dSae: 48 }
const kept = { ...size, decoderNorm: 'free', k: 6, auxK: 4 } as const
/** One of every architecture, whose loss is followed over many steps. */
export const CURVE_KINDS: SaeKind[] = [
  { ...size, architecture: 'tied' },
  { ...size, architecture: 'standard', decoderNorm: 'unit' },
  { ...kept, architecture: 'topk' },
  { ...kept, architecture: 'batchtopk' },
  { ...size, architecture: 'jumprelu', decoderNorm: 'free', bandwidth: 0.1 },
  { ...size, architecture: 'gated', decoderNorm: 'free' },
  { ...kept, architecture: 'matryoshka', widths: [12, 48] },
]
export const CURVE_STEPS = 50
