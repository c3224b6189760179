// A process of its own that drops one feature after the other, to be killed: node kill-child.ts <workspace> <stitch>
import { StitchId } from '../../../src-preload/contract/ids.ts'
import { Session } from '../../../src-main/stitch/session.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { edit } from './stitched.ts'

const [folder, id] = process.argv.slice(2)
const session = await Session.open(openWorkspace(folder), StitchId.parse(id))
for (let drop = 0; ; drop++) {
  const add = drop % 2 === 0 ? edit([drop % 13]) : edit([], { remove: [drop % 8] })
  const { point, after } = await session.turn((s) => s.apply(add))
  process.stdout.write(`${JSON.stringify({ point, mse: after.mse })}\n`)
  if (drop % 20 === 19) await session.turn((s) => s.goTo(0))
}
