import { assertNever } from '#contract/assert-never.ts'
import type { Model } from '#contract/model.ts'
import { problem, problemOf, sentence } from '#contract/problem.ts'
import type { Run, TrainingSource } from '#contract/training.ts'
import { openActivations } from '../../activations/reader.ts'
import { contextShape } from '../../corpus/context-shape.ts'
import { contexts } from '../../corpus/contexts.ts'
import { rowToTry } from '../../language-model/open-on-device.ts'
import type { ChooseProvider } from '../../language-model/provider.ts'
import { openTokenizer } from '../../language-model/tokenizer.ts'
import type { Workspace } from '../../store/workspace.ts'
import { CeProbe, type ProbeText } from './ce-probe.ts'
import type { OpenEncoder } from './evaluate.ts'
import { openRunModel } from './run-model.ts'

/** Next-token losses are averaged over about this many tokens: often measured, so kept short. */
const PROBE_TOKENS = 4096

interface Tools {
  openEncoder: OpenEncoder
  chooseProvider: ChooseProvider
}

/**
 * The probe of a run on text of its own source, or a sentence saying why there is none: training goes on without it.
 */
export async function openCeProbe(
  workspace: Workspace,
  run: Run,
  { openEncoder, chooseProvider }: Tools,
): Promise<{ probe: CeProbe } | { probe: null; note: string }> {
  const { settings, hookName } = run
  try {
    const text = await probeText(workspace, settings.source)
    const model = await openRunModel(
      { workspace, run, chooseProvider },
      modelOf(workspace, settings.source),
      async (opened) => {
        const row = rowToTry(opened.model, text.ids.length / text.rows)
        const [x] = await opened.runTo([hookName], row, 1)
        return [x, await opened.runFrom(hookName, x.slice(), row, 1)]
      },
    )
    const { skipPosition0 } = settings
    try {
      return { probe: await CeProbe.open({ model, hookName, text, skipPosition0, openEncoder }) }
    } catch (error) {
      await model.close()
      throw error
    }
  } catch (error) {
    return { probe: null, note: `CE recovered is not measured. ${sentence(problemOf(error))}` }
  }
}

function modelOf(workspace: Workspace, source: TrainingSource): Model {
  if (source.from === 'model') return workspace.models.get(source.modelId)
  const { modelId, name } = workspace.activationSets.get(source.activationSetId)
  if (modelId === null) throw problem('not-available', name, 'it does not say which model it is from')
  return workspace.models.get(modelId)
}

function probeText(workspace: Workspace, source: TrainingSource): Promise<ProbeText> | ProbeText {
  switch (source.from) {
    case 'activations':
      return textOfSet(workspace, source)
    case 'model':
      return textOfCorpus(workspace, source)
    default:
      return assertNever(source)
  }
}

/** Whole rows, spread evenly over the set. */
function textOfSet(
  workspace: Workspace,
  { activationSetId }: Extract<TrainingSource, { from: 'activations' }>,
): ProbeText {
  const reader = openActivations(workspace, activationSetId)
  try {
    const { contextSize, tokens, name } = reader.set
    const whole = Math.floor(tokens / contextSize)
    const rows = Math.min(whole, Math.max(1, Math.floor(PROBE_TOKENS / contextSize)))
    const ids = new Int32Array(rows * contextSize)
    for (let row = 0; row < rows; row++) {
      const part = reader.ids(Math.floor((row * whole) / rows) * contextSize, contextSize)
      if (!part) throw problem('not-available', name, 'it came without token ids')
      ids.set(part, row * contextSize)
    }
    return { ids, rows }
  } finally {
    reader.close()
  }
}

/** The first rows of the corpus. */
async function textOfCorpus(
  workspace: Workspace,
  source: Extract<TrainingSource, { from: 'model' }>,
): Promise<ProbeText> {
  const corpus = workspace.corpora.get(source.corpusId)
  const model = workspace.models.get(source.modelId)
  const shape = contextShape(corpus, model, source)
  const tokenizer = corpus.format === 'tokens' ? null : await openTokenizer(model.folder)
  const wanted = Math.max(1, Math.floor(PROBE_TOKENS / shape.contextSize))
  const taken: Int32Array[] = []
  for await (const { ids } of contexts(corpus, tokenizer, shape)) {
    taken.push(ids)
    if (taken.length === wanted) break
  }
  return { ids: Int32Array.from(taken.flatMap((ids) => [...ids])), rows: taken.length }
}
