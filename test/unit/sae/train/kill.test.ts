import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Architecture } from '../../../../src-preload/contract/sae.ts'
import type { CurvePoint, Run } from '../../../../src-preload/contract/training.ts'
import { loadSae } from '../../../../src-main/sae/load.ts'
import { Checkpoints } from '../../../../src-main/sae/train/checkpoint.ts'
import { RunPoints } from '../../../../src-main/store/run-points.ts'
import type { Workspace } from '../../../../src-main/store/workspace.ts'
import { addActivations, newRun, withWorkspace } from './small-run.ts'

/** `plain`: loops that know the standard SAE only; `cpu`: the program's own backend. */
type With = 'plain' | 'cpu'

const child = (workspace: Workspace, run: Run, backend: With) =>
  spawn(process.execPath, [join(import.meta.dirname, 'train-child.ts'), workspace.folder, run.id, backend], {
    stdio: 'inherit',
  })

/** Trains in a process of its own, and kills it (signal 9) some ms after it has a checkpoint beyond a step. */
async function killAfter(
  workspace: Workspace,
  run: Run,
  { step, ms = 0, backend }: { step: number; ms?: number; backend: With },
): Promise<void> {
  const process = child(workspace, run, backend)
  const gone = once(process, 'exit')
  const checkpoints = new Checkpoints(workspace.runFolder(run.id))
  while (process.exitCode === null && (checkpoints.head()?.step ?? -1) < step) await sleep(2)
  await sleep(ms)
  process.kill('SIGKILL')
  expect((await gone)[1], 'it was killed in the middle').toBe('SIGKILL')
}

async function trainToEnd(workspace: Workspace, run: Run, backend: With): Promise<void> {
  expect((await once(child(workspace, run, backend), 'exit'))[0]).toBe(0)
}

function expectTheSame(workspace: Workspace, killed: Run, alone: Run): void {
  for (const index of killed.saeIds.keys()) {
    expect(curve(workspace, killed, index)).toEqual(curve(workspace, alone, index))
    const [a, b] = [killed, alone].map((run) => loadSae(workspace, run.saeIds[index]).weights)
    expect(a).toEqual(b)
  }
}

const curve = (workspace: Workspace, run: Run, index: number): Partial<CurvePoint>[] =>
  new RunPoints(workspace.db).after(run.saeIds[index], -1).map((point) => ({ ...point, tokensPerSecond: 0 }))

test('a run killed twice has the curve and the weights of one that was left alone', () =>
  withWorkspace(async (workspace) => {
    const set = addActivations(workspace)
    const spec = { architecture: 'standard' as const, sparsity: 0.1 }
    const request = {
      steps: 400,
      batchTokens: 32,
      pointEvery: 7,
      checkpointEvery: 25,
      saes: [
        { ...spec, width: 16 },
        { ...spec, width: 8, targetL0: 3 },
      ],
    }
    const alone = newRun(workspace, set, request)
    const killed = newRun(workspace, set, request)
    await trainToEnd(workspace, alone, 'plain')
    await killAfter(workspace, killed, { step: 50, backend: 'plain' })
    await killAfter(workspace, killed, { step: 200, backend: 'plain' })
    await trainToEnd(workspace, killed, 'plain')
    expectTheSame(workspace, killed, alone)
  }))

test('so it is with every kind, killed at any moment', () =>
  withWorkspace(async (workspace) => {
    const set = addActivations(workspace)
    const request: Parameters<typeof newRun>[2] = {
      backend: 'cpu',
      steps: 250,
      batchTokens: 32,
      pointEvery: 7,
      checkpointEvery: 25,
      deadAfter: 320,
      saes: Architecture.options.map((architecture) => ({ architecture, width: 24 })),
    }
    const alone = newRun(workspace, set, request)
    const killed = newRun(workspace, set, request)
    await trainToEnd(workspace, alone, 'cpu')
    for (const step of [0, 75, 150])
      await killAfter(workspace, killed, { step, ms: 30 * Math.random(), backend: 'cpu' })
    await trainToEnd(workspace, killed, 'cpu')
    expectTheSame(workspace, killed, alone)
  }))
