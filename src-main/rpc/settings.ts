import { availableParallelism, cpus, totalmem } from 'node:os'
import { problem } from '#contract/problem.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { BackendFindings, type settings as contract } from '#contract/settings.ts'
import { runNow } from '../jobs/run-now.ts'
import { cacheBytes, cacheFolder } from '../language-model/hub-cache.ts'
import { changeEngineSettings, engineSettings } from '../store/engine-settings.ts'
import { hubToken } from '../store/hub-token.ts'
import { hubEndpoint } from '../store/hub.ts'
import type { EngineContext } from './context.ts'

export function settingsHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  /** What this machine has does not change while the engine runs; looking again is asked for by a new engine. */
  let found: BackendFindings | null = null

  async function backends(): Promise<BackendFindings> {
    const busy = jobs.list().find(({ state }) => state === 'running')
    if (found === null && busy)
      throw problem(
        'conflict',
        'Backends',
        `"${busy.title}" is running, and trying the backends would disturb it`,
        'Look again when it is over.',
      )
    return (found ??= BackendFindings.parse(await runNow(workspace.folder, 'look-at-backends', {})))
  }

  return {
    get: () => engineSettings(workspace.db),
    set: (change) => {
      const cores = availableParallelism()
      if (change.threads && change.threads > cores)
        throw problem(
          'bad-input',
          'threads',
          `${change.threads} is more than the ${cores} cores of this machine`,
        )
      return changeEngineSettings(workspace.db, change)
    },
    machine: () => ({
      cores: availableParallelism(),
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      memoryBytes: totalmem(),
    }),
    backends,
    hub: async () => ({
      endpoint: hubEndpoint(),
      hasToken: hubToken() !== null,
      offline: process.env['HF_HUB_OFFLINE'] === '1',
      cacheFolder: cacheFolder(),
      cacheBytes: await cacheBytes(),
    }),
  }
}
