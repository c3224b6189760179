import type { Passage } from './passage.ts'
import type { Provider } from './provider.ts'
import { GIVEN, IDS } from './rows.ts'
import { idsTensor, matrixTensor, type Session } from './session.ts'

/**
 * Rows are run so many tokens at a time: activations of this many tokens stay in a core's cache, which is faster by
 * 10 to 20 % than larger batches, and bounds the memory of a run. A GPU wants more at a time.
 */
const TOKENS_AT_ONCE: Record<Provider, number> = { cpu: 256, webgpu: 2048 }

/** Rows that go through a passage, and where its results go. Activations and results may lie in shared memory. */
export interface PassageRows {
  /** [rows, context] */
  ids: Int32Array
  context: number
  /** [rows·context, width] where the passage begins at a hook point. */
  activations: Float32Array | undefined
  /** For each wanted hook point [rows·context, width]. */
  outputs: readonly Float32Array[]
}

/** Tokens of whole rows that are run at a time. */
const tokensOfPart = (provider: Provider, context: number): number =>
  Math.max(1, Math.floor(TOKENS_AT_ONCE[provider] / context)) * context

function counter(): () => number {
  let next = 0
  return () => next++
}

/** How many parts the rows are run in. */
export const partsOf = (provider: Provider, tokens: number, context: number): number =>
  Math.ceil(tokens / tokensOfPart(provider, context))

/**
 * Runs a passage over all rows, or over the parts of them whose numbers `take` gives, until there is none of that
 * number.
 */
export async function runPassage(
  session: Session,
  { wanted, given }: Passage,
  { ids, context, activations, outputs }: PassageRows,
  take = counter(),
): Promise<void> {
  const step = tokensOfPart(session.provider, context)
  for (let from = take() * step; from < ids.length; from = take() * step) {
    const to = Math.min(from + step, ids.length)
    const part = (x: Float32Array, width: number): Float32Array => x.subarray(from * width, to * width)
    const feeds = {
      [IDS]: idsTensor(ids.subarray(from, to), (to - from) / context),
      ...(given && activations ? { [GIVEN]: matrixTensor(part(activations, given.width), given.width) } : {}),
    }
    const results = wanted.map(
      ({ name, width }, i) => [name, matrixTensor(part(outputs[i], width), width)] as const,
    )
    await session.run(feeds, Object.fromEntries(results))
  }
}
