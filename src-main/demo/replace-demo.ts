import type { ThingSummary } from '#contract/workspace.ts'
import { dependentsOf, findThing, removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { DemoRecord } from './demo-record.ts'

const has = (workspace: Workspace, id: string): boolean =>
  workspace.db.prepare('SELECT 1 FROM things WHERE id = ?').get(id) !== undefined
const isLabelled = (workspace: Workspace, saeId: string): boolean =>
  workspace.db.prepare('SELECT 1 FROM labels WHERE sae_id = ? LIMIT 1').get(saeId) !== undefined

/** Everything that the preparation made, made last first. */
function madeBy(record: DemoRecord): string[] {
  const { modelId, corpusId, activationSetId, runId, saeIds, indexIds, comparisonId } = record.get()
  const ids = [comparisonId, ...indexIds, ...saeIds, runId, activationSetId, corpusId, modelId]
  return ids.filter((id) => id !== undefined)
}

function markEarlier(workspace: Workspace, { id, name }: ThingSummary): void {
  workspace.db.prepare('UPDATE things SET name = ? WHERE id = ?').run(`${name} (earlier demo)`, id)
}

function forget(workspace: Workspace, record: DemoRecord): void {
  record.clear()
  workspace.db.prepare("DELETE FROM settings WHERE key = 'demo.harvest'").run()
}

/** Removes what a cancelled preparation had made. */
export function removeDemo(workspace: Workspace): void {
  const record = new DemoRecord(workspace)
  for (const id of madeBy(record)) if (has(workspace, id)) removeThing(workspace, findThing(workspace, id))
  forget(workspace, record)
}

/**
 * Makes room for the Demo workspace of another edition. What a person put work into stays, marked as of an earlier demo:
 * SAEs with labels, and what benches and comparisons of theirs were made from. The model goes in any case: its
 * weights may have gone when the program was updated.
 */
export function retireDemo(workspace: Workspace): void {
  const record = new DemoRecord(workspace)
  const { modelId, indexIds, comparisonId } = record.get()
  const own = new Set<string>([...indexIds, ...(comparisonId ? [comparisonId] : [])])
  for (const id of madeBy(record)) {
    if (!has(workspace, id)) continue
    const thing = findThing(workspace, id)
    const isTheirs =
      id !== modelId &&
      (isLabelled(workspace, id) || dependentsOf(workspace, id).some((other) => !own.has(other.id)))
    if (isTheirs) markEarlier(workspace, thing)
    else removeThing(workspace, thing)
  }
  forget(workspace, record)
}
