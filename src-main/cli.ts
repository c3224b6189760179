// The command line: one file a group, every command through the same contract as the window.
import { Command } from 'commander'
import { registerActivations } from './cli/activations.ts'
import { registerFurtherCompare } from './cli/compare-further.ts'
import { registerCompareMany } from './cli/compare-many.ts'
import { registerCompare } from './cli/compare.ts'
import { registerCorpora } from './cli/corpora.ts'
import { registerIndex } from './cli/feature-index.ts'
import { registerFeatures } from './cli/features.ts'
import { registerDemo } from './cli/demo.ts'
import { registerFrankenstein } from './cli/frankenstein.ts'
import { registerJobs } from './cli/jobs.ts'
import { registerModels } from './cli/models.ts'
import { runCommand, withGlobalOptions } from './cli/session.ts'
import { registerSaes } from './cli/saes.ts'
import { registerGuidedStitch } from './cli/stitch-guided.ts'
import { registerStitch } from './cli/stitch.ts'
import { registerTrain } from './cli/train.ts'
import { registerWorkspace } from './cli/workspace.ts'
import { version } from './places.ts'

const program = new Command('suture')
  .description('Explore, label, compare and stitch the features of sparse autoencoders.')
  .version(version)
  .showHelpAfterError('(--help shows what there is)')

for (const register of [
  registerJobs,
  registerModels,
  registerCorpora,
  registerActivations,
  registerSaes,
  registerTrain,
  registerIndex,
  registerFeatures,
  registerWorkspace,
  registerDemo,
  registerCompare,
  registerCompareMany,
  registerFurtherCompare,
  registerStitch,
  registerGuidedStitch,
  registerFrankenstein,
])
  register(program, runCommand)
withGlobalOptions(program)

// Started through a launcher (scripts/suture.mjs): end when it does.
process.channel?.unref()
process.on('disconnect', () => process.exit(130))

await program.parseAsync()
