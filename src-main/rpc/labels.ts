import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { SaeId } from '#contract/ids.ts'
import type { FeatureLabel, labels as contract } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { labelAgreement } from '../features/label-agreement.ts'
import { readLabelFile, resolveConflicts, writeLabelFile } from '../features/label-file.ts'
import { LabelStore } from '../store/labels.ts'
import type { EngineContext } from './context.ts'

/** The name of the account; containers may have none. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

export function labelHandlers({ workspace }: EngineContext): RoomHandlers<typeof contract> {
  const store = new LabelStore(workspace.db)
  const me = accountName()
  const listOf = (saeId: SaeId): FeatureLabel[] => (workspace.saes.get(saeId), store.list(saeId))

  return {
    list: ({ saeId }) => listOf(saeId),
    edit: ({ saeId, feature, change, author = me }) => {
      const { name, dSae } = workspace.saes.get(saeId)
      if (feature >= dSae)
        throw problem('bad-input', `feature ${feature}`, `the SAE "${name}" has features 0 to ${dSae - 1}`)
      store.edit(saeId, [{ feature, change, author }])
      return store.get(saeId, feature)
    },
    history: ({ saeId, feature }) => store.history(saeId, feature),
    undo: ({ saeId, author = me }) => ({ changed: store.undo(saeId, author) }),
    redo: ({ saeId, author = me }) => ({ changed: store.redo(saeId, author) }),
    search: ({ saeId, text, limit }) => store.search(saeId, text, limit),
    exportFile: ({ saeId, to, format }) => {
      const list = listOf(saeId)
      const file = resolve(to)
      writeLabelFile(file, format, list, workspace.saes.get(saeId))
      return { file, labels: list.length }
    },
    importFile: ({ saeId, file, conflict, author = me }) => {
      const lines = readLabelFile(resolve(file), workspace.saes.get(saeId))
      const mine = new Map(store.list(saeId).map((label) => [label.feature, label]))
      const edits = resolveConflicts(lines, mine, conflict, author)
      const changed = store.edit(saeId, edits).length
      return { read: lines.length, changed, kept: lines.length - edits.length }
    },
    compareFile: ({ saeId, file }) =>
      labelAgreement(listOf(saeId), readLabelFile(resolve(file), workspace.saes.get(saeId))),
  }
}
