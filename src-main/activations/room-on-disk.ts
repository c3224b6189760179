import { problem } from '#contract/problem.ts'
import { freeBytes } from '../store/workspace.ts'
import { roomFor } from './layout.ts'

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 4 : 2)} GB`

/** @throws Problem no-space when what will be written does not fit on the disk of a folder */
export function checkRoom(folder: string, bytes: number, free = freeBytes(folder)): void {
  if (roomFor(bytes) > free)
    throw problem(
      'no-space',
      folder,
      `${gigabytes(bytes)} are needed, ${gigabytes(free)} are free`,
      'Free some space, or ask for fewer tokens, fewer hook points or f16.',
    )
}
