import type { JobId, StitchId } from '#contract/ids.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { FrankensteinReport, type stitch as contract } from '#contract/stitch.ts'
import { checkFrankenstein } from '../stitch/check-frankenstein.ts'
import { readOrigins } from '../stitch/feature-origins.ts'
import type { StitchJobParams } from '../stitch/stitch-job.ts'
import { requestStitch } from '../stitch/stitch-request.ts'
import type { EngineContext } from './context.ts'

export function stitchHandlers({ workspace, jobs, benches }: EngineContext): RoomHandlers<typeof contract> {
  const started = (title: string, makes: string | null, params: StitchJobParams): { job: JobId } => ({
    job: jobs.add({ kind: 'stitch', title, makes, params }).id,
  })
  const nameOf = (id: StitchId): string => workspace.stitches.get(id).name
  return {
    list: () => workspace.stitches.list(),
    get: ({ id }) => workspace.stitches.get(id),
    create(request) {
      const { stitch, exists } = requestStitch(workspace, request)
      const { id, name } = stitch
      if (exists) return { id, job: null }
      return { id, ...started(`Prepare ${name}`, id, { task: 'prepare', stitchId: id }) }
    },
    findPath: ({ id, ...pair }) =>
      started(`Path of ${nameOf(id)}`, null, { task: 'path', stitchId: id, ...pair }),
    findGreedy: ({ id, ...budget }) =>
      started(`Greedy order of ${nameOf(id)}`, null, { task: 'greedy', stitchId: id, ...budget }),
    measureLoss: ({ id, ...request }) =>
      started(`Loss of ${nameOf(id)}`, null, { task: 'loss', stitchId: id, ...request }),
    reencode: ({ id, point }) =>
      started(`Re-encode ${nameOf(id)}`, null, { task: 'reencode', stitchId: id, point }),
    frankenstein(request) {
      checkFrankenstein(workspace, request)
      const saeId = workspace.saes.newId()
      const title = `Frankenstein of ${request.saeIds.length} SAEs`
      return { id: saeId, ...started(title, saeId, { task: 'frankenstein', saeId, ...request }) }
    },
    frankensteinReport: ({ id }) =>
      FrankensteinReport.nullable().parse(workspace.saes.get(id).provenance.parameters['report'] ?? null),
    origins: ({ id }) => readOrigins(workspace, id),
    reencoded: (input) => benches.ask(input.id, (bench) => bench.reencoded(input)),
    losses: (input) => benches.ask(input.id, (bench) => bench.losses(input)),
    walkTo: (input) => benches.ask(input.id, (bench) => bench.walkTo(input)),
    path: (input) => benches.ask(input.id, (bench) => bench.path(input)),
    greedy: (input) => benches.ask(input.id, (bench) => bench.greedy(input)),
    state: (input) => benches.ask(input.id, (bench) => bench.state(input)),
    effects: (input) => benches.ask(input.id, (bench) => bench.effects(input)),
    preview: (input) => benches.ask(input.id, (bench) => bench.preview(input)),
    overPredicted: (input, signal) =>
      benches.ask(input.id, (bench) => bench.overPredicted(input, { signal })),
    apply: (input) => benches.ask(input.id, (bench) => bench.apply(input)),
    undo: (input) => benches.ask(input.id, (bench) => bench.undo(input)),
    redo: (input) => benches.ask(input.id, (bench) => bench.redo(input)),
    goTo: (input) => benches.ask(input.id, (bench) => bench.goTo(input)),
    nameVersion: (input) => benches.ask(input.id, (bench) => bench.nameVersion(input)),
    difference: (input) => benches.ask(input.id, (bench) => bench.difference(input)),
    textErrors: (input) => benches.ask(input.id, (bench) => bench.textErrors(input)),
    tokenErrors: (input) => benches.ask(input.id, (bench) => bench.tokenErrors(input)),
    save: (input) => benches.ask(input.id, (bench) => bench.save(input)),
  }
}
