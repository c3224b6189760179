import type { Corpus, Packing } from '#contract/corpus.ts'
import type { Model } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import { openSafetensors } from '../store/safetensors.ts'
import type { ContextShape } from './contexts.ts'

const USUAL_CONTEXT = 128

export interface ContextRequest {
  contextSize?: number | undefined
  prependBos?: boolean | undefined
  packing: Packing
  shuffle: boolean
  seed: number
}

function contextSizeOf(corpus: Corpus, model: Model, asked: number | undefined): number {
  const size = asked ?? corpus.contextSize ?? Math.min(USUAL_CONTEXT, model.contextSize)
  if (size > model.contextSize)
    throw problem(
      'bad-input',
      `context of ${size} tokens`,
      `the model "${model.name}" reads at most ${model.contextSize}`,
      `Choose a context of ${model.contextSize} tokens or fewer.`,
    )
  if (corpus.contextSize !== null && size !== corpus.contextSize)
    throw problem(
      'mismatch',
      `context of ${size} tokens`,
      `the corpus "${corpus.name}" has rows of ${corpus.contextSize} token ids, which are taken as they are`,
      'Leave the context out.',
    )
  return size
}

/** Rows of ids are taken as they are: whether they begin with BOS is seen in the first, not chosen. */
function bosOfTokens(corpus: Corpus, model: Model, asked: boolean | undefined): number | null {
  const first = openSafetensors(corpus.files[0].path).readI32(corpus.field ?? '', 0, 1)[0]
  const has = model.bosId !== null && first === model.bosId
  if (asked !== undefined && asked !== has)
    throw problem(
      'mismatch',
      `BOS ${asked ? 'on' : 'off'}`,
      `the rows of "${corpus.name}" are taken as they are, and they begin with id ${first}`,
      'Leave the choice of BOS out.',
    )
  return has ? model.bosId : null
}

function bosOfText(model: Model, asked: boolean | undefined): number | null {
  if (!(asked ?? model.prependBos)) return null
  if (model.bosId === null)
    throw problem('bad-input', 'BOS on', `the tokenizer of "${model.name}" has no BOS token`, 'Turn BOS off.')
  return model.bosId
}

/** What was asked, filled in from the corpus and the model, and checked against both. */
export function contextShape(corpus: Corpus, model: Model, request: ContextRequest): ContextShape {
  const isTokens = corpus.format === 'tokens'
  if (!isTokens && !model.hasTokenizer)
    throw problem(
      'not-available',
      model.name,
      'it has no tokenizer, so text cannot be read with it',
      'Put tokenizer.json into its folder, or use a corpus of token ids.',
    )
  return {
    contextSize: contextSizeOf(corpus, model, request.contextSize),
    bosId: isTokens ? bosOfTokens(corpus, model, request.prependBos) : bosOfText(model, request.prependBos),
    packing: request.packing,
    shuffle: request.shuffle,
    seed: request.seed,
    vocabSize: model.vocabSize,
  }
}
