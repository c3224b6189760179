import type { models as contract } from '#contract/model.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { resolveHook } from '../language-model/hook-point.ts'
import { folderName, inspectFolder } from '../language-model/inspect.ts'
import { version } from '../places.ts'
import type { EngineContext } from './context.ts'

export const modelHandlers = ({ workspace }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.models.list(),
  get: ({ id }) => workspace.models.get(id),
  add: async ({ folder, name, centerWritingWeights }) => {
    const facts = await inspectFolder(folder, centerWritingWeights)
    return workspace.models.put({
      id: workspace.models.newId(),
      name: name ?? folderName(folder),
      createdAt: new Date().toISOString(),
      provenance: { madeBy: 'models add', from: [], parameters: { folder, centerWritingWeights }, version },
      ...facts,
    })
  },
  hookPoint: ({ id, name }) => resolveHook(name, workspace.models.get(id)),
})
