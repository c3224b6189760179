import { translateHookName } from '#contract/hook-name.ts'
import type { HookPoint } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'

/**
 * The hook point of a model that a name in any spelling means.
 * @throws Problem naming what there is instead
 */
export function resolveHook(
  name: string,
  model: { name: string; hookPoints: readonly HookPoint[] },
): HookPoint {
  const translated = translateHookName(name)
  const found = model.hookPoints.find((point) => point.name === translated)
  if (found) return found
  const layer = /^blocks\.(\d+)\./.exec(translated)?.[1]
  const siblings = model.hookPoints
    .filter((point) => point.layer === Number(layer))
    .map((point) => point.name)
  const layers = model.hookPoints.at(-1)?.layer ?? 0
  const next = siblings.length
    ? `Block ${layer} has ${siblings.join(', ')}.`
    : `Its blocks are 0 to ${layers}; a hook point is called, for example, blocks.${layers}.hook_resid_pre.`
  throw problem('not-found', model.name, `it has no hook point "${name}"`, next)
}
