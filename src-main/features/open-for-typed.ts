import type { Model } from '#contract/model.ts'
import { chooseProvider } from '../backends/choose-provider.ts'
import type { LanguageModel } from '../language-model/language-model.ts'
import { openOnDevice, rowToTry } from '../language-model/open-on-device.ts'
import type { ChooseProvider } from '../language-model/provider.ts'
import { engineSettings } from '../store/engine-settings.ts'
import type { Workspace } from '../store/workspace.ts'

/** Tokens of the row that a GPU is tried with: about a sentence. */
const TRIED_TOKENS = 32

export interface OpenedForTyped {
  languageModel: LanguageModel
  /** Why it does not run on the GPU that the settings choose; null where it does, or they choose none. */
  note: string | null
}

/**
 * Opens a model for sentences typed by hand: on the GPU where the settings choose it. Where they leave it open it runs
 * on the cpu, where a sentence takes less time than looking for a GPU does.
 */
export async function openForTyped(
  workspace: Workspace,
  model: Model,
  hookName: string,
  choose: ChooseProvider = chooseProvider,
): Promise<OpenedForTyped> {
  const onGpu = engineSettings(workspace.db).backend === 'webgpu'
  const row = rowToTry(model, Math.min(TRIED_TOKENS, model.contextSize))
  const { languageModel, provider, reason } = await openOnDevice(model, {
    device: onGpu ? 'webgpu' : 'cpu',
    choose,
    attempt: (opened) => opened.runTo([hookName], row, 1),
  })
  return {
    languageModel,
    note: provider === 'webgpu' || reason === null ? null : `The model ran on the cpu. ${reason}`,
  }
}
