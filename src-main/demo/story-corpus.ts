import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { stories } from '../../scripts/demo/stories/index.ts'
import { writeAtomically } from '../store/atomic.ts'
import { RECIPE } from './recipe.ts'

/** Writes stories of at least so many characters, `<|endoftext|>` between them. */
export function writeStories(file: string, characters: number): void {
  mkdirSync(dirname(file), { recursive: true })
  writeAtomically(file, (put) => {
    const encoder = new TextEncoder()
    let written = 0
    for (const { text } of stories(RECIPE.storySeed)) {
      const bytes = encoder.encode(`${text}<|endoftext|>`)
      put(bytes)
      if ((written += bytes.length) >= characters) return
    }
  })
}
