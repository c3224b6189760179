// A stitch's own thread: its bench takes memory and its products block, so that neither is the engine's.
import { workerData, type MessagePort } from 'node:worker_threads'
import type { StitchId } from '#contract/ids.ts'
import { portOf } from '#contract/ports.ts'
import { serve } from '#contract/rpc.ts'
import { bench } from '#contract/stitch.ts'
import { openWorkspace } from '../store/workspace.ts'
import { benchHandlers, Session } from './session.ts'

export interface StitchWorkerTask {
  folder: string
  id: StitchId
  port: MessagePort
}

const { folder, id, port } = workerData as StitchWorkerTask
const opening = Session.open(openWorkspace(folder), id)
opening.catch(() => {}) // whoever asks hears why it could not be opened
serve({ bench }, { bench: benchHandlers(opening) }, portOf(port))
