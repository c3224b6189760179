import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import type { ActivationReader } from '../activations/reader.ts'
import type { Workspace } from '../store/workspace.ts'
import { checkSameIds, checkSameRows } from './same-tokens.ts'

/** Token ids compared at once. */
const PIECE = 1 << 20

/**
 * All sets over the same tokens as the first, or a sentence why not: as many tokens in rows of the same length, and the
 * same ids where they have ids, which models of other tokenizers do not.
 * @returns whether ids were there to be compared
 */
export function checkSharedTokens(readers: readonly ActivationReader[]): boolean {
  const [first, ...others] = readers
  for (const other of others) {
    checkSameRows(first, other)
    const { tokens } = first.set
    for (let from = 0; from < tokens; from += PIECE)
      checkSameIds(first, other, from, Math.min(PIECE, tokens - from))
  }
  return first.set.hasTokens
}

/**
 * The set an SAE is to be run on: of its width, and of its hook point and model where it says them.
 * @throws Problem where none fits, or where several do and nothing tells them apart
 */
export function readerFor(
  workspace: Workspace,
  sae: Sae,
  readers: readonly ActivationReader[],
): ActivationReader {
  const fits = readers.filter(
    ({ set }) =>
      set.dIn === sae.dIn &&
      (sae.hookName === null || set.hookName === sae.hookName) &&
      (sae.modelId === null || set.modelId === null || set.modelId === sae.modelId),
  )
  const [first] = fits
  if (!first)
    throw problem(
      'mismatch',
      sae.name,
      `none of the activations is of its hook point (${sae.hookName ?? 'not known'}, ${sae.dIn} values)`,
      'Add activations of its hook point and model over the same tokens, or leave the SAE out.',
    )
  const places = new Set(fits.map(({ set }) => `${set.modelId} ${set.hookName}`))
  if (places.size === 1) return first
  const named = fits.filter(
    ({ set }) => set.modelId !== null && workspace.models.find(set.modelId)?.name === sae.modelName,
  )
  if (named.length === 1) return named[0]
  throw problem(
    'mismatch',
    sae.name,
    `several of the activations fit it: ${fits.map(({ set }) => `"${set.name}"`).join(', ')}`,
    'Say which model and hook point it belongs to when importing it.',
  )
}
