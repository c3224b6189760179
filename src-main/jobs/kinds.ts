import type { Job, JobControl, JobKind } from '#contract/job.ts'
import type { Workspace } from '../store/workspace.ts'

/** What a kind of job is: how it runs in a worker, and what is left to remove when it is cancelled. */
export interface JobDefinition {
  /**
   * Runs from wherever its durable state says it was; returns the result that the job record keeps.
   * Must be safe to kill at any instant.
   */
  run(
    params: Record<string, unknown>,
    workspace: Workspace,
    control: JobControl,
  ): Promise<Record<string, unknown>>
  /** Removes what a cancelled job had made. */
  discard?(params: Record<string, unknown>, workspace: Workspace): void
}

/** Loaded only when needed: a harvest does not pay for the trainer's modules. One line a kind. */
export const definitions: Partial<Record<JobKind, () => Promise<JobDefinition>>> = {
  train: async () => {
    const { trainJob, discardRun } = await import('../sae/train/job.ts')
    const { trainingTools } = await import('../backends/training-tools.ts')
    return { run: (...job) => trainJob(trainingTools, ...job), discard: discardRun }
  },
  harvest: async () => {
    const { harvestJob, discardHarvest } = await import('../activations/harvest.ts')
    const { chooseProvider } = await import('../backends/choose-provider.ts')
    return { run: (...job) => harvestJob(...job, chooseProvider), discard: discardHarvest }
  },
  'import-activations': async () => {
    const { importJob, discardImport } = await import('../activations/import.ts')
    return { run: importJob, discard: discardImport }
  },
  'export-activations': async () => {
    const { exportJob } = await import('../activations/export.ts')
    return { run: exportJob }
  },
  'import-sae': async () => {
    const { importSaeJob, discardImportedSae } = await import('./import-sae.ts')
    return { run: importSaeJob, discard: discardImportedSae }
  },
  'export-sae': async () => {
    const { exportSaeJob } = await import('./export-sae.ts')
    return { run: exportSaeJob }
  },
  perplexity: async () => {
    const { perplexityJob } = await import('../language-model/perplexity.ts')
    const { chooseProvider } = await import('../backends/choose-provider.ts')
    return { run: (...job) => perplexityJob(...job, chooseProvider) }
  },
  download: async () => {
    const { downloadJob, discardDownload } = await import('../language-model/hub-download.ts')
    return { run: downloadJob, discard: discardDownload }
  },
  index: async () => {
    const { indexJob, discardIndexJob } = await import('../features/index-job.ts')
    return { run: indexJob, discard: discardIndexJob }
  },
  compare: async () => {
    const { compareJob, discardComparison } = await import('../compare/compare-job.ts')
    return { run: compareJob, discard: discardComparison }
  },
  demo: async () => {
    const { demoJob, discardDemo } = await import('../demo/demo-job.ts')
    return { run: demoJob, discard: discardDemo }
  },
  'look-at-backends': async () => {
    const { lookAtBackends } = await import('../backends/look-at-backends.ts')
    return { run: async () => ({ ...(await lookAtBackends()) }) }
  },
  stitch: async () => {
    const { stitchJob, discardStitch } = await import('../stitch/stitch-job.ts')
    const { chooseProvider } = await import('../backends/choose-provider.ts')
    return { run: (...job) => stitchJob(...job, chooseProvider), discard: discardStitch }
  },
}

export async function definitionOf(kind: JobKind): Promise<JobDefinition> {
  const load = definitions[kind]
  if (!load) throw new Error(`no job of kind ${kind} is defined in src-main/jobs/kinds.ts`)
  return load()
}

/** Jobs of a second or two that someone at a bench waits for: the next-token loss after an edit. */
export const isBrief = ({ kind, params }: Pick<Job, 'kind' | 'params'>): boolean =>
  kind === 'stitch' && params['task'] === 'loss' && params['quiet'] === true
