// A process that trains one run of a workspace with the plain backend: what the kill test kills.
import { RunId } from '../../../../src-preload/contract/ids.ts'
import { trainJobParams } from '../../../../src-main/sae/train/job-params.ts'
import { trainJob } from '../../../../src-main/sae/train/job.ts'
import { openWorkspace } from '../../../../src-main/store/workspace.ts'
import { openPlainEncoder, plainBackend } from './plain-backend.ts'
import { QuietControl } from './small-run.ts'

const [folder, runId] = process.argv.slice(2)
const workspace = openWorkspace(folder)
const run = workspace.runs.get(RunId.parse(runId))
const open = () => Promise.resolve(plainBackend)
const tools = {
  backends: { cpu: open, webgpu: open, tensorflow: open },
  chooseBackend: async () => ({ backend: await open(), reasons: [] }),
  openEncoder: openPlainEncoder,
}
await trainJob(tools, trainJobParams(run), workspace, new QuietControl())
workspace.close()
