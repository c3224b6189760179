import { expect, test } from 'vitest'
import { CeProbe, type SplicedModel } from '../../../../src-main/sae/train/ce-probe.ts'
import type { SaeWeights } from '../../../../src-main/sae/weights.ts'
import { openPlainEncoder } from './plain-backend.ts'

/** A model of width 1 whose loss is the mean distance of what is spliced in from what it has itself: 10, 4, 6. */
const own = Float32Array.of(10, 4, 6)
const model: SplicedModel = {
  runTo: () => Promise.resolve([own.slice()]),
  runFrom: (_hook, x) => Promise.resolve(x.slice(1).map((v, i) => Math.abs(v - own[i + 1]))),
  close: () => Promise.resolve(),
}
/** One feature that gives `share` of every activation back. */
const sae = (share: number): SaeWeights => ({
  architecture: 'standard',
  dIn: 1,
  dSae: 1,
  encoder: Float32Array.of(1),
  bEnc: Float32Array.of(0),
  decoder: Float32Array.of(share),
  bDec: Float32Array.of(0),
  appliesBDecToInput: true,
  normalizeActivations: 'none',
})
const open = (skipPosition0: boolean, spliced: SplicedModel = model) =>
  CeProbe.open({
    model: spliced,
    hookName: 'blocks.0.hook_resid_pre',
    text: { ids: Int32Array.of(1, 2, 3), rows: 1 },
    skipPosition0,
    openEncoder: openPlainEncoder,
  })

test('CE recovered is 1 for a perfect SAE, 0 for one that gives nothing, and linear between', async () => {
  const probe = await open(true)
  expect(await probe.recovered(sae(1))).toBeCloseTo(1, 6)
  expect(await probe.recovered(sae(0))).toBeCloseTo(0, 6)
  expect(await probe.recovered(sae(0.75))).toBeCloseTo(0.75, 6)
})

test('position 0 keeps its own activation where it is left out, and only there', async () => {
  const seen: number[] = []
  const watching: SplicedModel = {
    ...model,
    runFrom: (hook, x, ids, rows) => (seen.push(x[0]), model.runFrom(hook, x, ids, rows)),
  }
  await (await open(true, watching)).recovered(sae(0.5))
  await (await open(false, watching)).recovered(sae(0.5))
  expect(seen).toEqual([10, 10, 10, 10, 0, 5])
})
