import { writeNeuronpediaPages } from '../features/neuronpedia-pages.ts'
import { checkExport, exportSae, ExportParams } from '../sae/export.ts'
import type { Workspace } from '../store/workspace.ts'

/** Weights in some format, or the pages of all features, whichever was asked for. */
export async function exportSaeJob(
  params: Record<string, unknown>,
  workspace: Workspace,
): Promise<Record<string, unknown>> {
  const { format, ...rest } = ExportParams.parse(params)
  if (format !== 'neuronpedia-pages') return exportSae(workspace, { ...rest, format })
  checkExport(workspace, { ...rest, format })
  return { folder: rest.to, files: await writeNeuronpediaPages(workspace, rest.id, rest.to) }
}
