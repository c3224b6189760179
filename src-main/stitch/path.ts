import { problem } from '#contract/problem.ts'
import { PATH_STEP, type StitchPath } from '#contract/stitch.ts'
import { spanningForest, swapComponents, type CosineEdges } from '#contract/swap-graph.ts'
import type { Bench } from './bench.ts'
import type { CandidateCounts } from './edit.ts'
import { WalkRecord } from './walk.ts'

/** How the donor's features resemble the base's. */
export interface Resemblance {
  /** [donorCount] largest cosine of each feature of the donor with one of the base. */
  maxCosine: Float32Array
  /** a: feature of the base, b: of the donor. */
  edges: CosineEdges
}

interface PathStep {
  kind: keyof typeof PATH_STEP
  cosine: number
  toggles: number[]
}

/** Features of the donor, the most novel first. */
export const byNovelty = (maxCosine: Float32Array): number[] =>
  [...maxCosine.keys()].sort((i, j) => maxCosine[i] - maxCosine[j])

/** The steps from the base to the donor (source: stitching SAEs; maths: path between sizes). */
export function pathSteps(
  { maxCosine, edges }: Resemblance,
  baseCount: number,
  threshold: number,
): PathStep[] {
  const donorCount = maxCosine.length
  const { count, aStart, aFeature, bStart, bFeature, ...found } = swapComponents(
    spanningForest(edges, baseCount, donorCount),
    baseCount,
    donorCount,
    threshold,
  )
  const matched = new Set(aFeature)
  const swaps = Array.from({ length: count }, (_, c): PathStep => {
    const parents = aFeature.subarray(aStart[c], aStart[c + 1])
    const children = bFeature.subarray(bStart[c], bStart[c + 1]).map((j) => j + baseCount)
    return { kind: 'swap', cosine: found.maxCosine[c], toggles: [...parents, ...children] }
  })
  const left = Array.from({ length: baseCount }, (_, i) => i).filter((i) => !matched.has(i))
  return [
    ...byNovelty(maxCosine)
      .filter((j) => maxCosine[j] <= threshold)
      .map((j): PathStep => ({ kind: 'add', cosine: maxCosine[j], toggles: [baseCount + j] })),
    ...swaps,
    ...(left.length > 0 ? [{ kind: 'remove' as const, cosine: -1, toggles: left }] : []),
  ]
}

/** Walks a bench that stands at the base along the path, in one pass, recording every step. */
export async function walkPath(
  bench: Bench,
  resemblance: Resemblance,
  threshold: number,
  onToggle: (done: number, total: number) => void = () => {},
): Promise<StitchPath> {
  const steps = pathSteps(resemblance, bench.set.baseCount, threshold)
  const start = new Int32Array(steps.length + 1)
  steps.forEach(({ toggles }, n) => (start[n + 1] = start[n] + toggles.length))
  const candidate = Int32Array.from(steps.flatMap(({ toggles }) => toggles))
  const record = new WalkRecord()
  record.push(bench.metrics())
  let done = 0
  await bench.toggle(candidate, () => {
    done++
    if (done === start[record.length]) record.push(bench.metrics())
    onToggle(done, candidate.length)
  })
  return {
    threshold,
    kind: Uint8Array.from(steps, ({ kind }) => PATH_STEP[kind]),
    cosine: Float32Array.from(steps, ({ cosine }) => cosine),
    walk: record.walk(),
    start,
    candidate,
  }
}

/** [candidates] 1 where the hybrid at a step of the path has the feature. @throws Problem where there is no such step. */
export function membershipAtStep(
  path: StitchPath | null,
  step: number,
  { baseCount, donorCount }: CandidateCounts,
): Uint8Array {
  const steps = path?.kind.length ?? 0
  if (!path || step > steps)
    throw problem('not-found', `step ${step}`, `the path has ${steps} steps`, 'Find the path first.')
  const inHybrid = new Uint8Array(baseCount + donorCount).fill(1, 0, baseCount)
  for (const k of path.candidate.subarray(0, path.start[step])) inHybrid[k] ^= 1
  return inHybrid
}
