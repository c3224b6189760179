import type { StitchId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Stitch } from '#contract/stitch.ts'
import { openRowProduct } from '../compare/row-product.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Sqlite } from '../store/database.ts'
import type { Workspace } from '../store/workspace.ts'
import { Bench } from './bench.ts'
import { assemble } from './evaluation-set.ts'
import { formed } from './feature-form.ts'
import { openStitchFile, readParts } from './stitch-file.ts'

/** A stitch in memory: its bench as the base alone, and what a hybrid is built from. */
export interface OpenBench {
  stitch: Stitch
  /** In the forms their features are used in. */
  base: SaeWeights
  donor: SaeWeights
  bench: Bench
  db: Sqlite
  close(): Promise<void>
}

/** @throws Problem when its evaluation set has not been prepared. */
export async function openBench(workspace: Workspace, id: StitchId): Promise<OpenBench> {
  const stitch = workspace.stitches.get(id)
  const { baseForm, donorForm, complete } = stitch
  if (!complete || !baseForm || !donorForm)
    throw problem(
      'conflict',
      stitch.name,
      'its evaluation set is not prepared yet',
      'Wait for its job, or resume it.',
    )
  const base = formed(loadSae(workspace, stitch.baseId).weights, baseForm)
  const donor = formed(loadSae(workspace, stitch.donorId).weights, donorForm)
  const db = openStitchFile(workspace.stitchFolder(id))
  const product = await openRowProduct(base.dIn)
  return {
    stitch,
    base,
    donor,
    bench: new Bench(assemble(readParts(db), base, donor), product),
    db,
    async close() {
      db.close()
      await product.close()
    },
  }
}
