import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CurvePoint, Run } from '../../../../src-preload/contract/training.ts'
import { loadSae } from '../../../../src-main/sae/load.ts'
import { Checkpoints } from '../../../../src-main/sae/train/checkpoint.ts'
import { RunPoints } from '../../../../src-main/store/run-points.ts'
import type { Workspace } from '../../../../src-main/store/workspace.ts'
import { addActivations, newRun, withWorkspace } from './small-run.ts'

const child = (workspace: Workspace, run: Run) =>
  spawn(process.execPath, [join(import.meta.dirname, 'train-child.ts'), workspace.folder, run.id], {
    stdio: 'inherit',
  })

/** Trains in a process of its own, and kills it (signal 9) once it has a checkpoint beyond a step. */
async function killAfter(workspace: Workspace, run: Run, step: number): Promise<void> {
  const process = child(workspace, run)
  const gone = once(process, 'exit')
  const checkpoints = new Checkpoints(workspace.runFolder(run.id))
  while (process.exitCode === null && (checkpoints.head()?.step ?? -1) < step) await sleep(2)
  process.kill('SIGKILL')
  expect((await gone)[1], 'it was killed in the middle').toBe('SIGKILL')
}

async function trainToEnd(workspace: Workspace, run: Run): Promise<void> {
  expect((await once(child(workspace, run), 'exit'))[0]).toBe(0)
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
    await trainToEnd(workspace, alone)
    await killAfter(workspace, killed, 50)
    await killAfter(workspace, killed, 200)
    await trainToEnd(workspace, killed)
    for (const index of [0, 1]) {
      expect(curve(workspace, killed, index)).toEqual(curve(workspace, alone, index))
      const [a, b] = [killed, alone].map((run) => loadSae(workspace, run.saeIds[index]).weights)
      expect(a).toEqual(b)
    }
  }))
