import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { stories } from '../../scripts/demo/stories/index.ts'
import { writeAtomically } from '../store/atomic.ts'

/** The seed of the demo's text; the model was trained on that of seed 1. */
export const STORY_SEED = 2026

/** Writes stories of at least so many characters, `<|endoftext|>` between them. */
export function writeStories(file: string, characters: number): void {
  mkdirSync(dirname(file), { recursive: true })
  writeAtomically(file, (put) => {
    const encoder = new TextEncoder()
    let written = 0
    for (const { text } of stories(STORY_SEED)) {
      const bytes = encoder.encode(`${text}<|endoftext|>`)
      put(bytes)
      if ((written += bytes.length) >= characters) return
    }
  })
}
