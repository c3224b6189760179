import { Demo } from '#contract/demo.ts'
import { Setting } from '../store/settings.ts'
import type { Workspace } from '../store/workspace.ts'
import { currentEdition } from './edition.ts'

/** Made, or begun, with another model or recipe than this program's. */
export const isOutdated = ({ edition }: Demo): boolean => edition !== currentEdition()

/** What of the Demo workspace is there. One row: written before each stage makes something, so that a resume finds it. */
export class DemoRecord {
  readonly #setting: Setting<Demo>
  constructor(workspace: Workspace) {
    this.#setting = new Setting(workspace.db, 'demo', Demo)
  }

  find(): Demo | undefined {
    return this.#setting.get()
  }

  get(): Demo {
    return this.find() ?? Demo.parse({})
  }

  update(change: Partial<Demo>): Demo {
    return this.#setting.set({ ...this.get(), ...change })
  }

  clear(): void {
    this.#setting.clear()
  }
}
