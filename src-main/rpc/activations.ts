import { basename } from 'node:path'
import type { activations as contract } from '#contract/activation-set.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { prepareExport } from '../activations/export.ts'
import { estimateHarvest, prepareHarvest } from '../activations/harvest-plan.ts'
import { prepareImport } from '../activations/import-plan.ts'
import { verifyActivations } from '../activations/verify.ts'
import { freeBytes } from '../store/workspace.ts'
import type { EngineContext } from './context.ts'

export const activationHandlers = ({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.activationSets.list(),
  get: ({ id }) => workspace.activationSets.get(id),
  harvest: (request) => {
    const plan = prepareHarvest(workspace, request)
    const hooks = plan.sets.map(({ hookName }) => hookName).join(', ')
    const title = `Harvest ${hooks} from ${workspace.corpora.get(request.corpusId).name}`
    const ids = plan.sets.map(({ id }) => id)
    return { job: jobs.add({ kind: 'harvest', title, makes: ids[0], params: plan }).id, ids }
  },
  estimate: (request) => ({
    bytes: estimateHarvest(workspace, request),
    freeBytes: freeBytes(workspace.folder),
  }),
  importFile: (request) => {
    const plan = prepareImport(workspace, request)
    const title = `Import activations from ${basename(plan.file)}`
    return {
      job: jobs.add({ kind: 'import-activations', title, makes: plan.id, params: plan }).id,
      id: plan.id,
    }
  },
  exportFile: (request) => {
    const params = prepareExport(workspace, request)
    const title = `Export ${workspace.activationSets.get(params.id).name} to ${basename(params.to)}`
    return { job: jobs.add({ kind: 'export-activations', title, makes: null, params }).id }
  },
  verify: ({ id }) => verifyActivations(workspace, id),
})
