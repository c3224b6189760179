import type { StitchEdit } from '#contract/stitch.ts'
import type { BenchOnScreen } from './bench-on-screen.svelte.ts'
import { swapEdit } from './candidates.ts'

/** Members of component c: parents of A that are in the hybrid still, children of B that are out. */
export function membersOf(bench: BenchOnScreen, c: number): { a: number[]; b: number[] } {
  const { aStart, aFeature, bStart, bFeature } = bench.components!
  return {
    a: [...aFeature.subarray(aStart[c], aStart[c + 1])].filter((feature) => bench.isIn('base', feature)),
    b: [...bFeature.subarray(bStart[c], bStart[c + 1])].filter((feature) => !bench.isIn('donor', feature)),
  }
}

/** The swap that the component of the first picked feature proposes; null where it has none, or nothing is left to do. */
export function swapOf(bench: BenchOnScreen): StitchEdit | null {
  const { picked, components } = bench
  if (!picked || !components || picked.features.length === 0) return null
  const { aStart, aFeature, bStart, bFeature, count } = components
  const [feature] = picked.features
  const [start, members] = picked.origin === 'base' ? [aStart, aFeature] : [bStart, bFeature]
  for (let c = 0; c < count; c++) {
    if (!members.subarray(start[c], start[c + 1]).includes(feature)) continue
    const { a, b } = membersOf(bench, c)
    return a.length + b.length === 0 ? null : swapEdit(a, b)
  }
  return null
}
