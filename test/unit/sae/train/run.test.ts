import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problem, ProblemError } from '../../../../src-preload/contract/problem.ts'
import type { CurvePoint, Run } from '../../../../src-preload/contract/training.ts'
import type { Backend, StepReport } from '../../../../src-main/sae/backend.ts'
import { loadSae } from '../../../../src-main/sae/load.ts'
import { trainJobParams } from '../../../../src-main/sae/train/job-params.ts'
import { discardRun, trainJob } from '../../../../src-main/sae/train/job.ts'
import { cpuOnly } from '../../../../src-main/language-model/provider.ts'
import type { TrainingTools } from '../../../../src-main/sae/train/open-run.ts'
import { RunPoints } from '../../../../src-main/store/run-points.ts'
import type { Workspace } from '../../../../src-main/store/workspace.ts'
import { openPlainEncoder, plainBackend } from './plain-backend.ts'
import { addActivations, newRun, QuietControl, withWorkspace } from './small-run.ts'

const missing = (): Promise<never> =>
  Promise.reject(problem('not-available', 'tensorflow backend', 'libcudart.so.11.0 was not found'))
const noOther = {
  backends: { tensorflow: missing, webgpu: missing },
  chooseBackend: () => Promise.resolve({ backend: plainBackend, reasons: ['There is no GPU.'] }),
}
const toolsOf = (backend: Backend): TrainingTools => ({
  ...noOther,
  backends: { ...noOther.backends, cpu: () => Promise.resolve(backend) },
  openEncoder: openPlainEncoder,
  chooseProvider: cpuOnly,
})
const tools = toolsOf(plainBackend)
const standard = (over = {}) => ({ architecture: 'standard' as const, width: 16, sparsity: 0.1, ...over })
const short = { steps: 60, batchTokens: 32, pointEvery: 5, backend: 'cpu' as const }

/** Runs a run's job; `stopAfter` reports it is asked to stop. */
const train = (workspace: Workspace, run: Run, stopAfter = Infinity, on = tools) =>
  trainJob(on, trainJobParams(run), workspace, new QuietControl(stopAfter))

/** A curve without what the clock decides. */
const curve = (workspace: Workspace, run: Run, index = 0): Partial<CurvePoint>[] =>
  new RunPoints(workspace.db).after(run.saeIds[index], -1).map((point) => ({ ...point, tokensPerSecond: 0 }))

describe('a training run', () => {
  test('ends with a complete SAE that reconstructs, measured without position 0', () =>
    withWorkspace(async (workspace) => {
      const set = addActivations(workspace)
      const run = newRun(workspace, set, {
        ...short,
        steps: 400,
        saes: [standard({ learningRate: 0.01, sparsity: 0.02 })],
      })
      const result = await train(workspace, run)
      const { sae, weights } = loadSae(workspace, run.saeIds[0])
      expect(sae.complete).toBe(true)
      expect(sae.metrics).toMatchObject({ tokens: 64 * 7, skippedPosition0: true, activationSetId: set.id })
      expect(sae.metrics?.explainedVariance).toBeGreaterThan(0.9)
      expect(weights.normalizeActivations).toBe('none')
      const cfg = JSON.parse(readFileSync(join(workspace.saeFolder(sae.id), 'cfg.json'), 'utf8')) as {
        metadata: object
      }
      expect(cfg.metadata).toMatchObject({
        hook_name: 'blocks.0.hook_resid_pre',
        context_size: 8,
        prepend_bos: true,
        training_tokens: 400 * 32,
      })
      expect(result).toMatchObject({ id: sae.id, run: run.id, metrics: sae.metrics })
      expect(workspace.runs.get(run.id).complete).toBe(true)
      expect(existsSync(workspace.runFolder(run.id))).toBe(false)
    }))

  test('has a curve with a point every few steps and one at the end', () =>
    withWorkspace(async (workspace) => {
      const run = newRun(workspace, addActivations(workspace), { ...short, steps: 12, saes: [standard()] })
      await train(workspace, run)
      const points = curve(workspace, run)
      expect(points.map(({ step }) => step)).toEqual([5, 10, 12])
      expect(points.at(-1)?.tokens).toBe(12 * 32)
    }))

  test('feeds several SAEs the same batches: each is what it would be alone', () =>
    withWorkspace(async (workspace) => {
      const set = addActivations(workspace)
      const specs = [standard(), standard({ width: 8, seed: 5 })]
      const together = newRun(workspace, set, { ...short, saes: specs })
      const alone = newRun(workspace, set, { ...short, saes: [specs[1]] })
      await train(workspace, together)
      await train(workspace, alone)
      expect(curve(workspace, together, 1)).toEqual(curve(workspace, alone))
    }))

  test('goes on after a stop as if it had never stopped', () =>
    withWorkspace(async (workspace) => {
      const set = addActivations(workspace)
      const request = { ...short, saes: [standard({ targetL0: 3 }), standard({ width: 8 })] }
      const whole = newRun(workspace, set, request)
      const stopped = newRun(workspace, set, request)
      await train(workspace, whole)
      for (const reports of [14, 24])
        await expect(train(workspace, stopped, reports)).rejects.toThrow('stopped')
      await train(workspace, stopped)
      for (const index of [0, 1])
        expect(curve(workspace, stopped, index)).toEqual(curve(workspace, whole, index))
      const weights = (run: Run) => loadSae(workspace, run.saeIds[0]).weights
      expect(weights(stopped)).toEqual(weights(whole))
    }))

  test('resamples dead features where the curve shows it', () =>
    withWorkspace(async (workspace) => {
      // A start from one far input kills most features; they have to be born again.
      const dying: Backend = {
        ...plainBackend,
        open: (config, state, options) => {
          state.parameters.bEnc.fill(-10, 4)
          return plainBackend.open(config, state, options)
        },
      }
      const run = newRun(workspace, addActivations(workspace), {
        ...short,
        deadAfter: 64,
        saes: [standard()],
      })
      await train(workspace, run, Infinity, toolsOf(dying))
      const points = curve(workspace, run)
      expect(points.reduce((sum, { resampled = 0 }) => sum + resampled, 0)).toBeGreaterThanOrEqual(12)
      expect(points.at(-1)?.dead).toBe(0)
    }))

  test('that diverges says where, and keeps curve and last good checkpoint', () =>
    withWorkspace(async (workspace) => {
      const run = newRun(workspace, addActivations(workspace), {
        ...short,
        checkpointEvery: 10,
        saes: [standard({ name: 'doomed' })],
      })
      const failing = toolsOf(nanAtStep(33))
      const error = await train(workspace, run, Infinity, failing).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(ProblemError)
      expect((error as ProblemError).problem).toMatchObject({ code: 'diverged', subject: 'doomed' })
      expect((error as ProblemError).problem.message).toMatch(/step 33 .* NaN.*step 30 is kept/)
      expect(curve(workspace, run).at(-1)?.step).toBe(30)
      expect(existsSync(`${workspace.runFolder(run.id)}/step-30`)).toBe(true)
      await train(workspace, run) // and from there it can go on
      expect(curve(workspace, run).at(-1)?.step).toBe(60)
    }))

  test('goes to the cpu where the backend it asks for cannot be had, and notes why', () =>
    withWorkspace(async (workspace) => {
      const run = newRun(workspace, addActivations(workspace), {
        ...short,
        backend: 'tensorflow',
        saes: [standard()],
      })
      await train(workspace, run)
      const { complete, notes, settings } = workspace.runs.get(run.id)
      expect(complete).toBe(true)
      expect(settings.backend).toBe('cpu')
      expect(notes).toEqual([
        'Trained on the cpu: no better backend can be used here. tensorflow backend: libcudart.so.11.0 was not found.',
      ])
    }))

  test('takes the best backend there is where it asks for none, and keeps to it', () =>
    withWorkspace(async (workspace) => {
      const run = newRun(workspace, addActivations(workspace), {
        ...short,
        backend: undefined,
        saes: [standard()],
      })
      expect(run.settings.backend).toBeNull()
      await expect(train(workspace, run, 20)).rejects.toThrow('stopped')
      expect(workspace.runs.get(run.id)).toMatchObject({
        settings: { backend: 'cpu' },
        notes: ['Trained on the cpu: no better backend can be used here. There is no GPU.'],
      })
    }))

  test('that is cancelled leaves nothing', () =>
    withWorkspace(async (workspace) => {
      const run = newRun(workspace, addActivations(workspace), { ...short, saes: [standard(), standard()] })
      await expect(train(workspace, run, 20)).rejects.toThrow('stopped')
      expect(curve(workspace, run).length).toBeGreaterThan(0)
      discardRun(trainJobParams(run), workspace)
      expect(workspace.runs.list()).toEqual([])
      expect(workspace.saes.list()).toEqual([])
      expect(curve(workspace, run)).toEqual([])
      expect(existsSync(workspace.runFolder(run.id))).toBe(false)
      expect(workspace.activationSets.list()).toHaveLength(1)
    }))

  test.each(['none', 'constant_norm_rescale', 'layer_norm'] as const)(
    'with normalisation %s is saved so that it encodes activations as they are',
    (normalisation) =>
      withWorkspace(async (workspace) => {
        const run = newRun(workspace, addActivations(workspace), {
          ...short,
          normalisation,
          saes: [standard()],
        })
        await train(workspace, run)
        const { weights } = loadSae(workspace, run.saeIds[0])
        expect(weights.normalizeActivations).toBe(normalisation)
      }),
  )
})

/** Works until a step whose loss is no number. */
function nanAtStep(bad: number): Backend {
  return {
    ...plainBackend,
    open: async (config, state, options) => {
      const trainee = await plainBackend.open(config, state, options)
      let steps = state.steps
      return {
        config,
        step: async (x, rows, settings): Promise<StepReport> => {
          const report = await trainee.step(x, rows, settings)
          return ++steps === bad ? { ...report, loss: NaN } : report
        },
        read: () => trainee.read(),
        write: (next) => trainee.write(next),
        dispose: () => trainee.dispose(),
      }
    },
  }
}
