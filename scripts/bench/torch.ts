import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A PyTorch process that takes one training step each time it is asked. */
export interface Torch {
  /** GFLOP/s of a plain product of the encoder's size; known after the first step. */
  readonly productRate: number
  /** @returns milliseconds */
  step(): Promise<number>
  close(): Promise<void>
}

interface Size {
  kind: string
  d: number
  width: number
  batch: number
  k: number
  threads: number
}

/** @returns null where SUTURE_BENCH_PYTHON names no Python */
export function openTorch({ kind, d, width, batch, k, threads }: Size, bias: number): Torch | null {
  const python = process.env['SUTURE_BENCH_PYTHON']
  if (!python) return null
  const script = join(import.meta.dirname, 'torch_step.py')
  const args = [script, kind, ...[d, width, batch, k, bias, threads].map(String)]
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const torch = {
    productRate: 0,
    async step() {
      child.stdin.write('step\n')
      const { value } = await lines.next()
      const { ms, productRate } = JSON.parse(String(value)) as { ms: number; productRate: number }
      torch.productRate = productRate
      return ms
    },
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await exited
    },
  }
  return torch
}
