// node scripts/demo/make-corpus.ts <file> <characters> <seed> [word]: stories as a text corpus, `<|endoftext|>` between
// them; with a word, only the stories that have it.
import { closeSync, openSync, writeSync } from 'node:fs'
import { stories } from './stories/index.ts'

const [file, characters, seed, word = ''] = process.argv.slice(2)
const out = openSync(file, 'w')
let written = 0
for (const { text } of stories(Number(seed))) {
  if (!text.includes(word)) continue
  written += writeSync(out, `${text}<|endoftext|>`)
  if (written >= Number(characters)) break
}
closeSync(out)
