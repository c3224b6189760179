import type { JobControl } from '#contract/job.ts'
import type { Workspace } from '../store/workspace.ts'
import { DemoRecord, isOutdated } from './demo-record.ts'
import { currentEdition } from './edition.ts'
import { removeDemo, retireDemo } from './replace-demo.ts'
import { stages, type Stage } from './stages.ts'

/** The stage's own progress, under the stage's title. */
function titled(control: JobControl, stage: Stage, number: number): JobControl {
  const title = `${number} of ${stages.length} · ${stage.title}`
  return {
    report: (_doing, done, total, unit) => control.report(title, done, total, unit),
    get stopAsked() {
      return control.stopAsked
    },
    checkpoint: () => control.checkpoint(),
  }
}

/** Prepares the Demo workspace, stage by stage; each goes on where it was cut off. What another edition made makes room. */
export async function demoJob(
  _params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const record = new DemoRecord(workspace)
  const begun = record.find()
  if (begun && isOutdated(begun)) retireDemo(workspace)
  record.update({ edition: currentEdition() })
  for (const [i, stage] of stages.entries()) {
    record.update({ stage: i })
    const saying = titled(control, stage, i + 1)
    saying.report('', 0, null, 'steps')
    await stage.run({ workspace, record, control: saying })
    control.checkpoint()
  }
  return { ...record.update({ complete: true }) }
}

/** Removes what a cancelled preparation had made. */
export const discardDemo = (_params: Record<string, unknown>, workspace: Workspace): void =>
  removeDemo(workspace)
