import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeAtomically } from '../store/atomic.ts'

const State = z.object({
  width: z.int().min(640),
  height: z.int().min(480),
  x: z.int().optional(),
  y: z.int().optional(),
})
export type WindowState = z.infer<typeof State>
const USUAL: WindowState = { width: 1440, height: 900 }

/** Size and place of the window last time; the usual one when there was none or the file is broken. */
export function readWindowState(file: string): WindowState {
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return USUAL
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeAtomically(file, (put) => put(new TextEncoder().encode(JSON.stringify(State.parse(state)))))
}
