import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { writeAtomically } from '../../store/atomic.ts'
import {
  f32Tensor,
  openSafetensors,
  writeSafetensors,
  type Safetensors,
  type TensorToWrite,
} from '../../store/safetensors.ts'
import type { ParameterName, Parameters, TraineeState } from '../backend.ts'

// A checkpoint is a folder of one safetensors file per SAE, and `checkpoint.json` beside it, which is written last
// and says which folder counts: killed at any instant, a run finds the old checkpoint whole or the new one whole.

const GROUPS = ['parameters', 'firstMoments', 'secondMoments'] as const
const NAMES: readonly ParameterName[] = ['encoder', 'bEnc', 'decoder', 'bDec', 'logThreshold', 'rMag', 'bMag']

/** What is written of one SAE. `memo` is whatever its part of the loop has to remember, as JSON. */
export interface SaeCheckpoint {
  trainee: TraineeState
  /** [F] the density counts of its curve. */
  fires: Uint32Array
  memo: unknown
}

const Head = z.object({
  /** Steps taken. */
  step: z.int().min(0),
  /** Where the next batch is. */
  place: z.object({ batch: z.int().min(0), cursor: z.unknown().optional() }),
  /** Activations are multiplied by this. */
  inputFactor: z.number(),
})
export type CheckpointHead = z.infer<typeof Head>

const Numbers = z.object({ steps: z.int(), threshold: z.number().nullable(), memo: z.unknown() })

/** The checkpoints of one run, in its folder. */
export class Checkpoints {
  readonly #folder: string
  constructor(runFolder: string) {
    this.#folder = runFolder
  }

  #at(step: number): string {
    return join(this.#folder, `step-${step}`)
  }

  /** The newest whole checkpoint; null before the first. @throws Problem when it is damaged. */
  head(): CheckpointHead | null {
    const file = join(this.#folder, 'checkpoint.json')
    if (!existsSync(file)) return null
    const head = Head.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (!head.success)
      throw problem('bad-file', file, 'it is not a checkpoint', 'Cancel the run and start it again.')
    return head.data
  }

  /** Writes a checkpoint of several SAEs, one held in memory at a time, and then removes older ones. */
  async write(head: CheckpointHead, saes: AsyncIterable<[string, SaeCheckpoint]>): Promise<void> {
    const folder = this.#at(head.step)
    mkdirSync(folder, { recursive: true })
    for await (const [saeId, sae] of saes) writeSae(join(folder, `${saeId}.safetensors`), sae)
    writeAtomically(join(this.#folder, 'checkpoint.json'), (put) =>
      put(new TextEncoder().encode(JSON.stringify(head))),
    )
    for (const name of readdirSync(this.#folder))
      if (name.startsWith('step-') && name !== `step-${head.step}`)
        rmSync(join(this.#folder, name), { recursive: true, force: true })
  }

  read(head: CheckpointHead, saeId: string): SaeCheckpoint {
    return readSae(openSafetensors(join(this.#at(head.step), `${saeId}.safetensors`)))
  }
}

const u32Tensor = (data: Uint32Array): TensorToWrite => ({
  dtype: 'U32',
  shape: [data.length],
  pieces: [data],
})

function writeSae(file: string, { trainee, fires, memo }: SaeCheckpoint): void {
  const tensors: Record<string, TensorToWrite> = {
    tokensSinceFired: u32Tensor(trainee.tokensSinceFired),
    fires: u32Tensor(fires),
  }
  for (const group of GROUPS)
    for (const name of NAMES) {
      const values = trainee[group][name]
      if (values) tensors[`${group}.${name}`] = f32Tensor([values.length], values)
    }
  const { steps, threshold } = trainee
  writeSafetensors(file, tensors, { numbers: JSON.stringify({ steps, threshold, memo }) })
}

function readSae(file: Safetensors): SaeCheckpoint {
  const { steps, threshold, memo } = Numbers.parse(JSON.parse(file.metadata['numbers'] ?? 'null'))
  const u32 = (name: string): Uint32Array => new Uint32Array(file.readBytes(name).buffer)
  const group = (of: (typeof GROUPS)[number]): Parameters => {
    const present = NAMES.filter((name) => file.tensors.has(`${of}.${name}`))
    return Object.fromEntries(
      present.map((name) => [name, file.readF32(`${of}.${name}`)]),
    ) as unknown as Parameters
  }
  return {
    trainee: {
      parameters: group('parameters'),
      firstMoments: group('firstMoments'),
      secondMoments: group('secondMoments'),
      steps,
      tokensSinceFired: u32('tokensSinceFired'),
      threshold,
    },
    fires: u32('fires'),
    memo,
  }
}
