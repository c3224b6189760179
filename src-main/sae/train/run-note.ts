import type { Run } from '#contract/training.ts'
import type { Workspace } from '../../store/workspace.ts'

/** Says something with the run, once. */
export function note(workspace: Workspace, { id }: Run, words: string): void {
  const { notes } = workspace.runs.get(id)
  workspace.runs.update(id, { notes: [...new Set([...notes, words])] })
}
