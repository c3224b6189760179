import type { JobControl } from '#contract/job.ts'
import type { SaeMetrics } from '#contract/sae.ts'
import type { Run } from '#contract/training.ts'
import type { Workspace } from '../../store/workspace.ts'
import { saveSae } from '../load.ts'
import type { BatchSource } from './batch-source.ts'
import { evaluateSae, type OpenEncoder } from './evaluate.ts'
import { fileMetadata } from './file-metadata.ts'
import type { SaeInTraining } from './sae-in-training.ts'

interface Finishing {
  run: Run
  workspace: Workspace
  control: JobControl
  source: BatchSource
  tools: { openEncoder: OpenEncoder }
}

/** Measures a trained SAE as it will be used, and saves it complete with its metrics. */
export async function finishSae(
  { run, workspace, control, source, tools }: Finishing,
  trained: SaeInTraining,
): Promise<void> {
  const { skipPosition0 } = run.settings
  const weights = await trained.weights()
  const encoder = await tools.openEncoder(weights)
  try {
    const sae = workspace.saes.get(trained.saeId)
    const measures = await evaluateSae(weights, encoder, source.evaluation(), (tokens) => {
      control.report(`Measure ${sae.name}`, tokens, source.evaluationTokens, 'tokens')
      control.checkpoint() // the trained state is durable; measuring begins again
    })
    const metrics: SaeMetrics = {
      ...measures,
      skippedPosition0: skipPosition0,
      activationSetId: sae.activationSetId,
    }
    saveSae(workspace, { ...sae, metrics, complete: true }, weights, fileMetadata(workspace, run))
  } finally {
    await encoder.close()
  }
}
