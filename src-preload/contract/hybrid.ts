import { z } from 'zod'
import { Int32s } from './arrays.ts'

/**
 * How the features of an SAE are used in a hybrid.
 * exact: each fires by itself (standard, tied, jumprelu, gated, and batchtopk or matryoshka with their threshold).
 * fixed-threshold: an SAE that keeps the k largest; here each of its features fires above one threshold, the mean of the
 *   smallest kept activation on the evaluation tokens. Close, not exact.
 */
export const FeatureForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exact') }),
  z.object({ kind: z.literal('fixed-threshold'), threshold: z.number() }),
])
export type FeatureForm = z.infer<typeof FeatureForm>

/** A hybrid on the evaluation tokens. MSE: sum over d, mean over tokens. */
export const HybridMetrics = z.object({
  mse: z.number(),
  explainedVariance: z.number(),
  l0: z.number(),
  features: z.int(),
  parameters: z.int(),
  /** Features that fire on none of the tokens. */
  dead: z.int(),
})
export type HybridMetrics = z.infer<typeof HybridMetrics>

/** Which feature of which SAE each feature of a hybrid was. */
export const FeatureOrigins = z.object({
  saes: z.array(z.object({ id: z.string(), name: z.string() })),
  /** [features] index into `saes`. */
  sae: Int32s,
  /** [features] the number it has there. */
  feature: Int32s,
})
export type FeatureOrigins = z.infer<typeof FeatureOrigins>
