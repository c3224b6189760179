import { Command } from 'commander'
import { registerActivations } from './activations.ts'
import { registerFurtherCompare } from './compare-further.ts'
import { registerCompareMany } from './compare-many.ts'
import { registerCompare } from './compare.ts'
import { registerCorpora } from './corpora.ts'
import { registerIndex } from './feature-index.ts'
import { registerFeatures } from './features.ts'
import { registerDemo } from './demo.ts'
import { registerFrankenstein } from './frankenstein.ts'
import { registerJobs } from './jobs.ts'
import { registerModels } from './models.ts'
import type { RunCommand } from './output.ts'
import { withGlobalOptions } from './session.ts'
import { registerSaes } from './saes.ts'
import { registerSettings } from './settings.ts'
import { registerGuidedStitch } from './stitch-guided.ts'
import { registerStitch } from './stitch.ts'
import { registerTrain } from './train.ts'
import { registerWorkspace } from './workspace.ts'
import { version } from '../places.ts'

/** Every command of `suture`: one file a group. `run` is given each command's action, with the engine it needs. */
export function commandTree(run: RunCommand): Command {
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
    registerSettings,
    registerCompare,
    registerCompareMany,
    registerFurtherCompare,
    registerStitch,
    registerGuidedStitch,
    registerFrankenstein,
  ])
    register(program, run)
  withGlobalOptions(program)
  return program
}
