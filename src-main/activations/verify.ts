import { setImmediate } from 'node:timers/promises'
import type { ActivationSetId } from '#contract/ids.ts'
import type { Workspace } from '../store/workspace.ts'
import { bytesPerValue } from './layout.ts'
import { openActivations } from './reader.ts'

/**
 * Reads a whole set and compares every chunk with its checksum, letting others in between two chunks.
 * @throws Problem bad-file naming the first chunk that differs
 */
export async function verifyActivations(
  workspace: Workspace,
  id: ActivationSetId,
): Promise<{ chunks: number; bytes: number }> {
  const reader = openActivations(workspace, id)
  try {
    for (let chunk = 0; chunk < reader.chunks; chunk++) {
      reader.cache.verifyChunk(chunk)
      await setImmediate()
    }
    const { tokens, dIn, dtype } = reader.set
    return { chunks: reader.chunks, bytes: tokens * dIn * bytesPerValue(dtype) }
  } finally {
    reader.close()
  }
}
