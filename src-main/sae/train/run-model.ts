import type { Model } from '#contract/model.ts'
import type { Run } from '#contract/training.ts'
import type { LanguageModel } from '../../language-model/language-model.ts'
import { openOnDevice } from '../../language-model/open-on-device.ts'
import { deviceOf, type ChooseProvider } from '../../language-model/provider.ts'
import type { Workspace } from '../../store/workspace.ts'
import { note } from './run-note.ts'

/**
 * Opens the language model of a run where its training steps are computed. Where that was to be the GPU and cannot be,
 * the model runs on the cpu and the run notes why.
 * @param attempt what is asked of the model later, in small
 */
export async function openRunModel(
  { workspace, run, chooseProvider }: { workspace: Workspace; run: Run; chooseProvider: ChooseProvider },
  model: Model,
  attempt: (opened: LanguageModel) => Promise<Float32Array[]>,
): Promise<LanguageModel> {
  const device = deviceOf(run.settings.backend)
  const { languageModel, reason } = await openOnDevice(model, { device, choose: chooseProvider, attempt })
  // Without a wish the run says already why its steps are computed on the cpu.
  if (reason !== null && device === 'webgpu') note(workspace, run, `The model ran on the cpu. ${reason}`)
  return languageModel
}
