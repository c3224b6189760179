import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A Python process that answers every line with a line of JSON. */
export interface Python {
  ask(): Promise<Record<string, number>>
  close(): Promise<void>
}

/** Starts a script beside this file. @returns null where SUTURE_BENCH_PYTHON names no Python */
export function openPython(script: string, args: readonly (string | number)[]): Python | null {
  const python = process.env['SUTURE_BENCH_PYTHON']
  if (!python) return null
  const child = spawn(python, [join(import.meta.dirname, script), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask() {
      child.stdin.write('\n')
      return JSON.parse(String((await lines.next()).value)) as Record<string, number>
    },
    async close() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      await exited
    },
  }
}
