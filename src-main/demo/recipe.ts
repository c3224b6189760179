/** How the Demo workspace is made. A change here makes those that exist outdated. */
export const RECIPE = {
  /** The seed of the demo's text; the model was trained on that of seeds 1 and 31, and examined on 77. */
  storySeed: 2026,
  characters: 1_000_000,
  hookName: 'blocks.3.hook_resid_pre',
  tokens: 200_000,
  contextSize: 128,
  /** One threshold per SAE once trained: each feature fires by itself, so stitching is exact. */
  architecture: 'batchtopk',
  widths: [128, 256, 512],
  /** Features per token, on average. */
  k: 6,
  trainedTokens: 1_200_000,
} as const
