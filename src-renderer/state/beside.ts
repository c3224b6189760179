import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeaturePage, TokenWindow } from '#contract/feature.ts'
import type { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { engine } from '../rpc.ts'
import { things } from './things.svelte.ts'

/** One of two features that are read on the same tokens. */
export interface BesideSide {
  index: FeatureIndex
  page: FeaturePage
  /** Its strongest tokens, with the activations of both. */
  windows: TokenWindow[]
}
interface IndexedFeature {
  index: FeatureIndex
  feature: number
}

/** The SAE's index over the same tokens as another's. @throws Problem when there is none. */
export async function indexOnSameTokens(
  saeId: SaeId,
  { saeId: thatSae, parts }: FeatureIndex,
  signal: AbortSignal,
): Promise<FeatureIndex> {
  const all = await engine.features.indexes({ saeId }, { signal })
  const fits = all.findLast(
    (index) => index.tokens > 0 && index.parts[0].activationSetId === parts[0].activationSetId,
  )
  if (fits) return fits
  throw problem(
    'mismatch',
    things.nameOf(saeId),
    `it is not indexed on the same tokens as ${things.nameOf(thatSae)}`,
    'Index it on the same activations, then both can be read side by side.',
  )
}

/** How many of the strongest tokens, and how many tokens around each. */
interface Extent {
  examples: number
  before: number
  after: number
}

/** Two features on the tokens where one, and where the other, is strongest. */
export async function featuresBeside(
  a: IndexedFeature,
  b: IndexedFeature,
  { examples, before, after }: Extent,
  signal: AbortSignal,
): Promise<[BesideSide, BesideSide]> {
  const features = [a, b].map(({ index, feature }) => ({ indexId: index.id, feature }))
  const side = async ({ index, feature }: IndexedFeature): Promise<BesideSide> => {
    const page = await engine.features.page(
      { indexId: index.id, feature, top: examples, perInterval: 0, onePerRow: true },
      { signal },
    )
    const tokens = page.top.map(({ window }) => window.token).filter((token) => token < a.index.tokens)
    const windows = await engine.features.windows(
      { indexId: a.index.id, tokens, features, before, after },
      { signal },
    )
    return { index, page, windows }
  }
  return Promise.all([side(a), side(b)])
}
