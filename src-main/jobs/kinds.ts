import type { JobControl, JobKind } from '#contract/job.ts'
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
  harvest: async () => {
    const { harvestJob, discardHarvest } = await import('../activations/harvest.ts')
    return { run: harvestJob, discard: discardHarvest }
  },
  'import-activations': async () => {
    const { importJob, discardImport } = await import('../activations/import.ts')
    return { run: importJob, discard: discardImport }
  },
  'export-activations': async () => {
    const { exportJob } = await import('../activations/export.ts')
    return { run: exportJob }
  },
  index: async () => {
    const { indexJob, discardIndexJob } = await import('../features/index-job.ts')
    return { run: indexJob, discard: discardIndexJob }
  },
  compare: async () => {
    const { compareJob, discardComparison } = await import('../compare/compare-job.ts')
    return { run: compareJob, discard: discardComparison }
  },
}

export async function definitionOf(kind: JobKind): Promise<JobDefinition> {
  const load = definitions[kind]
  if (!load) throw new Error(`no job of kind ${kind} is defined in src-main/jobs/kinds.ts`)
  return load()
}
