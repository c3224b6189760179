// A process that trains one run of a workspace, with the plain backend or the program's own: what the kill test kills.
import { RunId } from '../../../../src-preload/contract/ids.ts'
import { trainingTools } from '../../../../src-main/backends/training-tools.ts'
import { cpuOnly } from '../../../../src-main/language-model/provider.ts'
import { trainJobParams } from '../../../../src-main/sae/train/job-params.ts'
import { trainJob } from '../../../../src-main/sae/train/job.ts'
import type { TrainingTools } from '../../../../src-main/sae/train/open-run.ts'
import { openWorkspace } from '../../../../src-main/store/workspace.ts'
import { openPlainEncoder, plainBackend } from './plain-backend.ts'
import { QuietControl } from './small-run.ts'

const [folder, runId, backend] = process.argv.slice(2)
const workspace = openWorkspace(folder)
const run = workspace.runs.get(RunId.parse(runId))
const open = () => Promise.resolve(plainBackend)
const plainTools: TrainingTools = {
  backends: { cpu: open, webgpu: open, tensorflow: open },
  chooseBackend: async () => ({ backend: await open(), reasons: [] }),
  openEncoder: openPlainEncoder,
  chooseProvider: cpuOnly,
}
const tools = backend === 'plain' ? plainTools : trainingTools
await trainJob(tools, trainJobParams(run), workspace, new QuietControl())
workspace.close()
