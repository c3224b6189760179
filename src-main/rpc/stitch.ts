import type { RoomHandlers } from '#contract/rpc.ts'
import type { stitch as contract } from '#contract/stitch.ts'
import { OpenBenches } from '../stitch/session-client.ts'
import type { StitchJobParams } from '../stitch/stitch-job.ts'
import { requestStitch } from '../stitch/stitch-request.ts'
import type { EngineContext } from './context.ts'

export function stitchHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const benches = new OpenBenches(workspace.folder)
  return {
    list: () => workspace.stitches.list(),
    get: ({ id }) => workspace.stitches.get(id),
    create(request) {
      const { stitch, exists } = requestStitch(workspace, request)
      const { id, name } = stitch
      if (exists) return { id, job: null }
      const params: StitchJobParams = { task: 'prepare', stitchId: id }
      return { id, job: jobs.add({ kind: 'stitch', title: `Prepare ${name}`, makes: id, params }).id }
    },
    state: (input) => benches.ask(input.id, (bench) => bench.state(input)),
    effects: (input) => benches.ask(input.id, (bench) => bench.effects(input)),
    preview: (input) => benches.ask(input.id, (bench) => bench.preview(input)),
    apply: (input) => benches.ask(input.id, (bench) => bench.apply(input)),
    undo: (input) => benches.ask(input.id, (bench) => bench.undo(input)),
    redo: (input) => benches.ask(input.id, (bench) => bench.redo(input)),
    goTo: (input) => benches.ask(input.id, (bench) => bench.goTo(input)),
    nameVersion: (input) => benches.ask(input.id, (bench) => bench.nameVersion(input)),
    difference: (input) => benches.ask(input.id, (bench) => bench.difference(input)),
    tokenErrors: (input) => benches.ask(input.id, (bench) => bench.tokenErrors(input)),
    save: (input) => benches.ask(input.id, (bench) => bench.save(input)),
  }
}
