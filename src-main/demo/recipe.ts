/** How the Demo workspace is made. A change here makes those that exist outdated. */
export const RECIPE = {
  /** The seed of the demo's text; the model was trained on that of seed 1, and examined on 77. */
  storySeed: 2026,
  characters: 1_000_000,
  hookName: 'blocks.3.hook_resid_pre',
  tokens: 200_000,
  contextSize: 128,
  /**
   * ReLU with an L1 penalty: each feature fires by itself, so that stitching is exact, and what the penalty shrinks
   * leaves the room in which a novel feature lowers the error. SAEs that keep the k largest reconstruct as well at
   * the same L0, but added features only raise their error.
   */
  architecture: 'standard',
  widths: [64, 128, 256],
  /** Features per token that each width is steered to: fewer leave more of its features about one thing. */
  targetL0: 7,
  trainedTokens: 1_200_000,
} as const
