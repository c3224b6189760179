import type { JobControl } from '#contract/job.ts'
import type { RunSettings } from '#contract/training.ts'
import type { RunPointRow, RunPoints } from '../../store/run-points.ts'
import type { BatchSource, Place } from './batch-source.ts'
import type { CeProbe } from './ce-probe.ts'
import type { Checkpoints, SaeCheckpoint } from './checkpoint.ts'
import type { Beginning } from './open-run.ts'
import { normaliseRows } from './input-scale.ts'
import type { SaeInTraining } from './sae-in-training.ts'

/** Points go to disk together, this often: each commit waits for the disk. */
const POINTS_TO_DISK_MS = 1_000
/** Checkpoints by the clock may take at most this share of the time. */
const CHECKPOINT_SHARE = 0.05

export interface Loop {
  settings: RunSettings
  source: BatchSource
  saes: readonly SaeInTraining[]
  from: Pick<Beginning, 'step' | 'place' | 'lastGood' | 'inputFactor'>
  points: RunPoints
  checkpoints: Checkpoints
  control: JobControl
  /** Measures CE recovered; null where the model is not at hand. */
  ceProbe: CeProbe | null
}

/**
 * Trains all SAEs of a run on the same batches, from where it is to the last step, and leaves a checkpoint of the end.
 * @throws Problem diverged, with the curve up to there and the last good checkpoint kept; Stopped after a checkpoint
 */
export async function trainLoop(loop: Loop): Promise<void> {
  const { settings, source, saes, control } = loop
  let { step, place } = loop.from
  if (step >= settings.steps) return
  const curves = new CurveWriter(loop)
  const keeper = new CheckpointKeeper(loop, curves)
  // Shared memory: a backend may step the SAEs in threads of their own.
  const x = new Float32Array(new SharedArrayBuffer(settings.batchTokens * source.dIn * 4))
  try {
    for await (const batch of source.batches(place)) {
      x.set(batch.x)
      normaliseRows(x, source.dIn, settings.normalisation, loop.from.inputFactor)
      await all(saes.map((sae) => sae.step(step, x, keeper.lastGood)))
      step++
      place = batch.next
      const isLast = step === settings.steps
      if (step % settings.pointEvery === 0 || isLast) await curves.point(step)
      control.report('Train', step * settings.batchTokens, settings.tokens, 'tokens')
      if (isLast || keeper.isDue(step)) await keeper.write(step, place)
      if (isLast) return
    }
  } finally {
    curves.flush()
  }
}

/** Waits for all, whatever becomes of them, and then fails as the first that failed. */
async function all(steps: Promise<void>[]): Promise<void> {
  for (const step of await Promise.allSettled(steps)) if (step.status === 'rejected') throw step.reason
}

/** Gathers the points of all curves and writes them together. */
class CurveWriter {
  readonly #loop: Loop
  #waiting: RunPointRow[] = []
  #flushedAt = performance.now()
  #last: { at: number; step: number }
  constructor(loop: Loop) {
    this.#loop = loop
    this.#last = { at: performance.now(), step: loop.from.step }
  }

  async point(step: number): Promise<void> {
    const { settings, saes, ceProbe } = this.#loop
    const now = performance.now()
    const tokens = (step - this.#last.step) * settings.batchTokens
    const tokensPerSecond = (tokens * 1000) / Math.max(now - this.#last.at, 1e-3)
    const asksCe = settings.ceEvery > 0 && (step % settings.ceEvery === 0 || step === settings.steps)
    for (const sae of saes) {
      const ceRecovered = asksCe && ceProbe ? await ceProbe.recovered(await sae.weights()) : null
      this.#waiting.push({ saeId: sae.saeId, point: sae.point(step, { ceRecovered, tokensPerSecond }) })
    }
    this.#last = { at: performance.now(), step }
    if (now - this.#flushedAt > POINTS_TO_DISK_MS) this.flush()
  }

  flush(): void {
    if (this.#waiting.length > 0) this.#loop.points.add(this.#waiting)
    this.#waiting = []
    this.#flushedAt = performance.now()
  }
}

/** Decides when a checkpoint is due, and makes everything up to it durable. */
class CheckpointKeeper {
  /** Step of the newest checkpoint. */
  lastGood: number | null
  readonly #loop: Loop
  readonly #curves: CurveWriter
  #writtenAt = performance.now()
  #tookMs = 0
  constructor(loop: Loop, curves: CurveWriter) {
    this.#loop = loop
    this.#curves = curves
    this.lastGood = loop.from.lastGood
  }

  isDue(step: number): boolean {
    const { control, settings } = this.#loop
    const passed = performance.now() - this.#writtenAt
    const waited = passed > Math.max(settings.checkpointSeconds * 1000, this.#tookMs / CHECKPOINT_SHARE)
    return control.stopAsked || waited || step % settings.checkpointEvery === 0
  }

  /** @throws Stopped when a pause or a cancel was asked for */
  async write(step: number, place: Place): Promise<void> {
    const { checkpoints, saes, from, control } = this.#loop
    const began = performance.now()
    this.#curves.flush()
    const { lastGood } = this
    async function* states(): AsyncGenerator<[string, SaeCheckpoint]> {
      for (const sae of saes) yield [sae.saeId, await sae.save(step, lastGood)]
    }
    await checkpoints.write({ step, place, inputFactor: from.inputFactor }, states())
    this.lastGood = step
    this.#writtenAt = performance.now()
    this.#tookMs = this.#writtenAt - began
    control.checkpoint()
  }
}
