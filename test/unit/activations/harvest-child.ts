// A process of its own that harvests, to be killed: node harvest-child.ts <workspace> <plan as JSON> <ms a batch>
import { setTimeout } from 'node:timers/promises'
import { harvest } from '../../../src-main/activations/harvest.ts'
import { HarvestPlan } from '../../../src-main/activations/harvest-plan.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { fakeTools, unstoppable } from './fakes.ts'

const [folder, plan, pause] = process.argv.slice(2)
const workspace = openWorkspace(folder)
const tools = fakeTools()
const { runTo } = tools.languageModel
tools.languageModel.runTo = async (...asked) => {
  await setTimeout(Number(pause))
  return runTo(...asked)
}
const report = (_doing: string, done: number): void => void process.stdout.write(`${done}\n`)
const result = await harvest(HarvestPlan.parse(JSON.parse(plan)), tools, workspace, {
  ...unstoppable,
  report,
})
process.stdout.write(`done ${result.tokens}\n`)
workspace.close()
