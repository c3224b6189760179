import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeAtomically } from '../store/atomic.ts'

const Side = z.int().min(-100_000).max(100_000)
const State = z.object({
  width: z.int().min(640).max(100_000),
  height: z.int().min(480).max(100_000),
  x: Side.optional(),
  y: Side.optional(),
  maximised: z.boolean().default(false),
})
export type WindowState = z.infer<typeof State>
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}
const USUAL: WindowState = { width: 1440, height: 900, maximised: false }
/** As much of the title bar must be on a display that it can be taken hold of, in points. */
const HOLD = { width: 120, height: 24 }

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

/**
 * A state as it can be used on the displays there are now: no larger than the display it is on, and centred by the
 * system (no x, y) where the display it was on is gone.
 * @param displays the work areas, the primary one first
 */
export function fitted(state: WindowState, displays: readonly Rectangle[]): WindowState {
  const { x, y, width, height, maximised } = state
  const within = (from: number, to: number, start: number, size: number): number =>
    Math.min(to, start + size) - Math.max(from, start)
  const on =
    x === undefined || y === undefined
      ? undefined
      : displays.find(
          (area) =>
            within(x, x + width, area.x, area.width) >= HOLD.width &&
            within(y, y + HOLD.height, area.y, area.height) >= HOLD.height,
        )
  const area = on ?? displays[0]
  const size = area
    ? { width: Math.min(width, area.width), height: Math.min(height, area.height) }
    : { width, height }
  return { ...size, ...(on ? { x, y } : {}), maximised }
}
