import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { root } from '../../../src-main/places.ts'
import { Session } from '../../../src-main/stitch/session.ts'
import { madeActivations, madeSae } from './made.ts'
import { prepared, stitchWorkspace } from './stitched.ts'

const node = join(root, 'node_modules/node/bin/node')

test('a program killed with SIGKILL between any two drops has lost none, and every one can be taken back', async () => {
  const made = stitchWorkspace([madeSae(8, 6, 12), madeSae(13, 6, 13)], madeActivations(96, 6, 11), 12)
  try {
    const { id } = await prepared(made)
    const child = spawn(node, [join(import.meta.dirname, 'kill-child.ts'), made.workspace.folder, id], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    let said: { point: number; mse: number } | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      said = JSON.parse(line) as { point: number; mse: number }
      if (said.point >= 15) child.kill('SIGKILL')
    }
    expect(await exited).toEqual([null, 'SIGKILL'])

    const session = await Session.open(made.workspace, id)
    const state = await session.turn((s) => s.state())
    expect(state.point).toBeGreaterThanOrEqual(said!.point)
    const point = state.history.find((p) => p.point === said!.point)
    expect(point?.metrics.mse).toBe(said!.mse)
    const { after } = await session.turn((s) => s.goTo(said!.point))
    expect(after.mse).toBeCloseTo(said!.mse, 6)
    let steps = 0
    for (let { canUndo } = state; canUndo; steps++) {
      await session.turn((s) => s.undo())
      ;({ canUndo } = await session.turn((s) => s.state()))
    }
    const start = await session.turn((s) => s.state())
    expect([steps > 0, start.point]).toEqual([true, 0])
    expect(start.metrics.features).toBe(8)
    await session.close()
  } finally {
    made.remove()
  }
})
