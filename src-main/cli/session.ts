import type { Command } from 'commander'
import { MessageChannel } from 'node:worker_threads'
import { contract } from '#contract/index.ts'
import { jsonText } from '#contract/json-text.ts'
import { portOf } from '#contract/ports.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import { connect } from '#contract/rpc.ts'
import { openEngine } from '../rpc/open-engine.ts'
import { defaultWorkspace } from '../workspace-folder.ts'
import { jobOutcome, progressPrinter, type RunCommand, type Session } from './output.ts'

interface GlobalOptions {
  workspace?: string
  json?: boolean
}

/** Adds --workspace and --json to a command and all below it, wherever on the line they are written. */
export function withGlobalOptions(command: Command): void {
  command
    .option('--workspace <dir>', 'workspace folder (default: $SUTURE_WORKSPACE or ~/Suture)')
    .option('--json', 'one JSON document on stdout, progress on stderr')
  for (const sub of command.commands) withGlobalOptions(sub)
}

async function follow(
  client: Session['client'],
  id: Parameters<Session['follow']>[0],
): ReturnType<Session['follow']> {
  const print = progressPrinter()
  let asked = false
  const pause = (): void => {
    if (asked) process.exit(130)
    asked = true
    process.stderr.write('\nPausing at the next durable point; press again to stop at once.\n')
    void client.jobs.pause({ id })
  }
  process.on('SIGINT', pause)
  process.on('SIGTERM', pause)
  try {
    for await (const job of client.jobs.watch({})) {
      if (job.id !== id) continue
      print(job)
      if (job.state !== 'queued' && job.state !== 'running') return jobOutcome(job)
    }
    return jobOutcome(await client.jobs.get({ id }))
  } finally {
    process.off('SIGINT', pause)
    process.off('SIGTERM', pause)
  }
}

/** Opens the engine in this process, runs the command against its contract, prints, and sets the exit code. */
export const runCommand: RunCommand = async (command, action) => {
  const { workspace = defaultWorkspace(), json = false } = command.optsWithGlobals<GlobalOptions>()
  try {
    const engine = openEngine(workspace, { ownJobsOnly: true })
    const { port1, port2 } = new MessageChannel()
    engine.attach(portOf(port1))
    const client = connect(contract, portOf(port2))
    try {
      await action({
        client,
        print: (value, lines) => {
          const text = json ? jsonText(value) : typeof lines === 'function' ? lines() : lines
          process.stdout.write(`${text}\n`)
        },
        follow: (job) => follow(client, job),
      })
    } finally {
      port1.close()
      await engine.close()
    }
  } catch (error) {
    const problem = problemOf(error)
    if (json) process.stdout.write(`${JSON.stringify({ problem }, null, 2)}\n`)
    process.stderr.write(`${sentence(problem)}\n`)
    process.exitCode = problem.code === 'stopped' ? 130 : 1
  }
}
