import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { harvest } from '../../../src-main/activations/harvest.ts'
import { prepareHarvest, type HarvestPlan } from '../../../src-main/activations/harvest-plan.ts'
import { verifyActivations } from '../../../src-main/activations/verify.ts'
import { openDatabase } from '../../../src-main/store/database.ts'
import { root } from '../../../src-main/places.ts'
import type { Workspace } from '../../../src-main/store/workspace.ts'
import { fakeTools, HOOKS, numberedText, requestOf, testWorkspace, unstoppable } from './fakes.ts'

const node = join(root, 'node_modules/node/bin/node')
const script = join(import.meta.dirname, 'harvest-child.ts')

/** Starts a harvest in a process of its own, and kills it with SIGKILL when it has reported so many tokens. */
async function harvestAndKill(workspace: Workspace, plan: HarvestPlan, killAt: number): Promise<string> {
  const child = spawn(
    node,
    [script, workspace.folder, JSON.stringify(plan), killAt === Infinity ? '0' : '2'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = once(child, 'exit')
  let last = ''
  for await (const line of createInterface({ input: child.stdout })) {
    last = line
    if (Number(line) >= killAt) child.kill('SIGKILL')
  }
  const [, signal] = (await exited) as [number | null, string | null]
  return signal ?? last
}

const chunks = (workspace: Workspace, plan: HarvestPlan): unknown[][] =>
  plan.sets.map(({ id }) => {
    const db = openDatabase(workspace.activationFile(id), { mustExist: true })
    const rows = db.prepare('SELECT * FROM chunks ORDER BY number').all()
    db.close()
    return rows
  })

test('a harvest killed with SIGKILL, twice, goes on to the same chunks, byte for byte', async () => {
  const { workspace, corpus, remove } = await testWorkspace(numberedText(3000))
  try {
    const request = requestOf(corpus, { hookNames: [...HOOKS], tokens: 9600 })
    const small = { rowsPerBatch: 4, rowsPerChunk: 8 }
    const whole = { ...prepareHarvest(workspace, request), ...small }
    await harvest(whole, fakeTools(), workspace, unstoppable)

    const plan = { ...prepareHarvest(workspace, request), ...small }
    expect(await harvestAndKill(workspace, plan, 2500)).toBe('SIGKILL')
    const first = chunks(workspace, plan)[0].length
    expect(first).toBeGreaterThan(0)
    expect(await harvestAndKill(workspace, plan, 6000)).toBe('SIGKILL')
    expect(chunks(workspace, plan)[0].length).toBeGreaterThan(first)
    expect(workspace.activationSets.get(plan.sets[0].id).complete).toBe(false)
    expect(await harvestAndKill(workspace, plan, Infinity)).toBe('done 9600')

    expect(chunks(workspace, plan)).toEqual(chunks(workspace, whole))
    for (const { id } of plan.sets)
      expect(await verifyActivations(workspace, id)).toMatchObject({ chunks: 75 })
  } finally {
    remove()
  }
})
