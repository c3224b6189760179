import { resolve } from 'node:path'
import type { RoomHandlers } from '#contract/rpc.ts'
import type { saes as contract } from '#contract/sae.ts'
import { runNow } from '../jobs/run-now.ts'
import { fetchCatalogue } from '../sae/catalogue.ts'
import { checkExport, type ExportParams } from '../sae/export.ts'
import { checkImport, inspectSaes } from '../sae/import.ts'
import type { EngineContext } from './context.ts'

export const saeHandlers = ({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.saes.list(),
  get: ({ id }) => workspace.saes.get(id),
  inspect: (request) => inspectSaes(workspace, request),
  importFolder: async (request) => {
    const { path, name } = await checkImport(workspace, request)
    const id = workspace.saes.newId()
    const params = { ...request, path, id }
    const title = `Import ${request.name ?? name}`
    return { job: jobs.add({ kind: 'import-sae', title, makes: id, params }).id, id }
  },
  exportFolder: async (request) => {
    const params: ExportParams = { ...request, to: resolve(request.to) }
    checkExport(workspace, params)
    const { folder, files } = await runNow(workspace.folder, 'export-sae', params)
    return { folder: String(folder), files: files as string[] }
  },
  catalogue: () => fetchCatalogue(),
})
