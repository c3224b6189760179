import type { HookPoint } from '#contract/model.ts'
import type { Architecture, Drawing, Hook } from './architecture.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'

/** Every hook point a model really has, in the order in which data passes them. */
export function hookPoints(model: Architecture): HookPoint[] {
  const { dModel, mlpWidth, heads, headDim, parallelResidual } = model
  const block: [string, number][] = [
    ['hook_resid_pre', dModel],
    ['attn.hook_z', heads * headDim],
    ['hook_attn_out', dModel],
    ...(parallelResidual ? [] : ([['hook_resid_mid', dModel]] satisfies [string, number][])),
    ['mlp.hook_post', mlpWidth],
    ['hook_mlp_out', dModel],
    ['hook_resid_post', dModel],
  ]
  return [
    { name: 'hook_embed', layer: null, width: dModel },
    ...Array.from({ length: model.layers }, (_, layer) =>
      block.map(([name, width]) => ({ name: `blocks.${layer}.${name}`, layer, width })),
    ).flat(),
  ]
}

/**
 * Draws the blocks up to the end of the residual stream, with every hook point in its place.
 * @returns the last hook_resid_post
 */
export function drawBlocks(graph: GraphBuilder, model: Architecture, drawing: Drawing, hook: Hook): Value {
  let residual = drawing.embed(hook)
  for (let layer = 0; layer < model.layers; layer++) {
    const here: Hook = (name, value) => hook(`blocks.${layer}.${name}`, value)
    const pre = here('hook_resid_pre', residual)
    const attnOut = here('hook_attn_out', drawing.attention(layer, pre, here))
    const between = graph.add(pre, attnOut)
    const mid = model.parallelResidual ? pre : here('hook_resid_mid', between)
    const mlpOut = here('hook_mlp_out', drawing.mlp(layer, mid, here))
    residual = here('hook_resid_post', graph.add(model.parallelResidual ? between : mid, mlpOut))
  }
  return residual
}
