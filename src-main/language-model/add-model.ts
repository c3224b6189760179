import type { ModelId } from '#contract/ids.ts'
import type { Model } from '#contract/model.ts'
import { version } from '../places.ts'
import type { Workspace } from '../store/workspace.ts'
import { folderName, inspectFolder } from './inspect.ts'

export interface ModelToAdd {
  /** A new id where there is none yet. */
  id?: ModelId
  folder: string
  name?: string | undefined
  centerWritingWeights: boolean
  /** Further parameters it was made with. */
  from?: Record<string, unknown>
}

/** Checks a folder and makes it a model of the workspace. @throws Problem with what is wrong with the folder */
export async function addModel(workspace: Workspace, given: ModelToAdd): Promise<Model> {
  const { folder, centerWritingWeights, from = {} } = given
  const facts = await inspectFolder(folder, centerWritingWeights)
  return workspace.models.put({
    id: given.id ?? workspace.models.newId(),
    name: given.name ?? folderName(folder),
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'models add',
      from: [],
      parameters: { folder, centerWritingWeights, ...from },
      version,
    },
    ...facts,
  })
}
