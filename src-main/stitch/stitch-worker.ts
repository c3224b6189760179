// A stitch's own thread: its bench takes memory and its products block, so that neither is the engine's.
import { workerData, type MessagePort } from 'node:worker_threads'
import type { StitchId } from '#contract/ids.ts'
import { portOf } from '#contract/ports.ts'
import { serve } from '#contract/rpc.ts'
import { openWorkspace } from '../store/workspace.ts'
import { benchHandlers } from './bench-handlers.ts'
import { Session } from './session.ts'
import { workerContract } from './worker-contract.ts'

export interface StitchWorkerTask {
  folder: string
  id: StitchId
  port: MessagePort
}

const { folder, id, port } = workerData as StitchWorkerTask
const workspace = openWorkspace(folder)
const opening = Session.open(workspace, id)
opening.catch(() => {}) // whoever asks hears why it could not be opened
serve(
  workerContract,
  {
    bench: benchHandlers(opening),
    thread: {
      finish: async () => {
        const session = await opening.catch(() => null)
        await session?.close()
        workspace.close()
        return null
      },
    },
  },
  portOf(port),
)
