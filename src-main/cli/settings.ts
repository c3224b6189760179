import { InvalidArgumentError, type Command } from 'commander'
import type { BackendFindings, EngineSettings, HubInfo } from '#contract/settings.ts'
import { TrainingBackend } from '#contract/training.ts'
import type { RunCommand } from './output.ts'

const AUTOMATIC = 'auto'

function backend(text: string): EngineSettings['backend'] {
  if (text === AUTOMATIC) return null
  const parsed = TrainingBackend.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(`It is ${AUTOMATIC} or one of ${TrainingBackend.options.join(', ')}.`)
}
function threads(text: string): EngineSettings['threads'] {
  if (text === AUTOMATIC) return null
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`It is ${AUTOMATIC} or a whole number from 1.`)
}

const settingsLines = (kept: EngineSettings): string[] => [
  `backend    ${kept.backend ?? 'auto: the fastest this machine has'}`,
  `threads    ${kept.threads ?? 'auto: one a core'}`,
]
const hubLines = (hub: HubInfo): string[] => [
  `hub        ${hub.endpoint}, ${hub.hasToken ? 'with a token' : 'without a token (HF_TOKEN)'}`,
  `hub cache  ${hub.cacheFolder}, ${(hub.cacheBytes / 1e6).toFixed(1)} MB`,
]
const backendLines = ({ chosen, backends }: BackendFindings): string[] =>
  backends.map(
    ({ name, why }) => `${name.padEnd(10)} ${why ?? 'available'}${name === chosen ? ' (chosen)' : ''}`,
  )

interface Options {
  backend?: EngineSettings['backend']
  threads?: EngineSettings['threads']
  machine?: boolean
}

export function registerSettings(program: Command, run: RunCommand): void {
  program
    .command('settings')
    .description('what jobs of this workspace compute with, and where the hub is; options change it')
    .option('--backend <name>', `of training: ${AUTOMATIC}, ${TrainingBackend.options.join(', ')}`, backend)
    .option('--threads <n>', `the most that a job uses, or ${AUTOMATIC}`, threads)
    .option('--machine', 'try which backends this machine has')
    .action((options: Options, command: Command) =>
      run(command, async ({ client, print }) => {
        const change = {
          ...(options.backend !== undefined && { backend: options.backend }),
          ...(options.threads !== undefined && { threads: options.threads }),
        }
        const kept = await client.settings.set(change)
        const hub = await client.settings.hub({})
        const found = options.machine ? await client.settings.backends({}) : null
        print({ ...kept, hub, machine: found }, () =>
          [...settingsLines(kept), ...hubLines(hub), ...(found ? backendLines(found) : [])].join('\n'),
        )
      }),
    )
}
