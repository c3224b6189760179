import type { Command } from 'commander'
import { once } from 'node:events'
import { problemOf, sentence } from '#contract/problem.ts'
import type { ThingSummary } from '#contract/workspace.ts'
import { serveWorkspace } from '../serve/server.ts'
import { defaultWorkspace } from '../workspace-folder.ts'
import type { RunCommand, Session } from './output.ts'

const size = (bytes: number): string =>
  bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(2)} GB`

async function list({ client, print }: Session): Promise<void> {
  const [things, disk, info] = await Promise.all([
    client.workspace.things({}),
    client.workspace.disk({}),
    client.workspace.info({}),
  ])
  const line = ({ id, kind, name }: ThingSummary): string =>
    `${id}  ${kind.padEnd(11)}  ${size(disk[id] ?? 0).padStart(10)}  ${name}`
  print({ workspace: info.folder, things: things.map((t) => ({ ...t, bytes: disk[t.id] ?? 0 })) }, () =>
    things.length === 0
      ? `${info.folder} is empty. Begin with: suture models add <folder>`
      : things.map(line).join('\n'),
  )
}

export function registerWorkspace(program: Command, run: RunCommand): void {
  program
    .command('list')
    .description('everything in the workspace')
    .action((_options, command: Command) => run(command, list))

  program
    .command('rename <id> <name>')
    .description('give a thing another name')
    .action((id: string, name: string, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        await client.workspace.rename({ id, name })
        print({ id, name }, `${id} is now called "${name}".`)
      }),
    )

  program
    .command('delete <id>')
    .description('remove a thing and its files')
    .option('--cascade', 'also what is nothing without it: indexes, comparisons, stitches')
    .action((id: string, options: { cascade?: boolean }, command: Command) =>
      run(command, async ({ client, print }) => {
        const { removed } = await client.workspace.remove({ id, cascade: options.cascade ?? false })
        print({ id, removed }, `Removed ${removed.join(', ')}.`)
      }),
    )

  program
    .command('serve')
    .description('open the app in a browser tab, on this machine only')
    .option('--port <n>', 'port on the loopback interface (0: any free one)', '0')
    .action(async (options: { port: string }, command: Command) => {
      const { workspace = defaultWorkspace() } = command.optsWithGlobals<{ workspace?: string }>()
      try {
        const served = await serveWorkspace(workspace, Number(options.port))
        process.stdout.write(`Suture is open at ${served.address}\n`)
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
        await served.close()
        process.exit(0)
      } catch (error) {
        process.stderr.write(`${sentence(problemOf(error))}\n`)
        process.exit(1)
      }
    })
}
