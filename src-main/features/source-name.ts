import { basename } from 'node:path'
import { z } from 'zod'
import type { Corpus } from '#contract/corpus.ts'
import type { ActivationReader } from '../activations/reader.ts'

/** What a harvest keeps with each chunk: where in the corpus the next one goes on. */
const ChunkEnd = z.object({ file: z.int().min(0) })

/**
 * Where a token's text comes from, in words: its file where the corpus is in order or has only one, with the files at
 * both ends of the token's chunk where that has several; else the activation set's own name.
 */
export function sourceName(reader: ActivationReader, corpus: Corpus | undefined, token: number): string {
  const { name, provenance } = reader.set
  if (!corpus || corpus.format === 'tokens') return name
  if (corpus.files.length === 1) return basename(corpus.files[0].path)
  // Shuffled rows come from anywhere in a group that may span files.
  if (provenance.parameters['shuffle'] !== false) return name
  const chunk = Math.floor(token / reader.cache.header.tokensPerChunk)
  const files = [chunk === 0 ? 0 : fileAfter(reader, chunk - 1), fileAfter(reader, chunk)]
  const names = files.map((file) => (file === null ? undefined : corpus.files[file]?.path))
  const known = [...new Set(names.flatMap((path) => (path === undefined ? [] : [basename(path)])))]
  return known.length > 0 ? known.join(' – ') : name
}

function fileAfter(reader: ActivationReader, chunk: number): number | null {
  const end = ChunkEnd.safeParse(reader.cache.after(chunk))
  return end.success ? end.data.file : null
}
