// The command line: one file a group, every command through the same contract as the window.
import { commandTree } from './cli/command-tree.ts'
import { runCommand } from './cli/session.ts'

// Started through a launcher (scripts/suture.mjs): end when it does.
process.channel?.unref()
process.on('disconnect', () => process.exit(130))

await commandTree(runCommand).parseAsync()
