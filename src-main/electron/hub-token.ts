import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { app, safeStorage } from 'electron'
import type { HubTokenState } from '#contract/desktop.ts'
import { writeAtomically } from '../store/atomic.ts'
import { hubToken as tokenOfEnvironment } from '../store/hub-token.ts'

const FORM = /^[\x21-\x7e]{8,512}$/

/** Why nothing may be written, as the rest of a sentence; null where the system keeps secrets. */
async function whyNotKept(): Promise<string | null> {
  // Chromium would "encrypt" with a password that everyone knows.
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text')
    return 'this desktop has no keychain that is known (GNOME Keyring or KWallet)'
  return (await safeStorage.isAsyncEncryptionAvailable()) ? null : 'the system’s keychain cannot be used'
}

/** One secret, the hub's token: encrypted by the system's keychain, never told to the window. */
export class HubToken {
  readonly #onChange: (token: string | null) => void
  #token: string | null = null
  #isStored = false
  #note: string | null = null

  /** @param onChange hears the token that the engine is to use from now on; null: what its environment has. */
  constructor(onChange: (token: string | null) => void) {
    this.#onChange = onChange
  }

  get #file(): string {
    return join(app.getPath('userData'), 'hub-token')
  }

  /** What the engine is to use; null: what its environment has. */
  get value(): string | null {
    return this.#token ?? process.env['HF_TOKEN'] ?? null
  }

  /** Reads what was kept. What can no longer be read stays where it is: its keychain may come back. */
  async load(): Promise<void> {
    if (!existsSync(this.#file)) return
    try {
      const why = await whyNotKept()
      if (why !== null) throw new Error(why)
      this.#token = (await safeStorage.decryptStringAsync(readFileSync(this.#file))).result
      this.#isStored = true
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      this.#note = `The token that was kept cannot be read (${words}). Give it again, or remove it.`
    }
  }

  state(): HubTokenState {
    const kept = this.#token === null ? 'environment' : this.#isStored ? 'keychain' : 'this-run'
    return { kept: kept === 'environment' && tokenOfEnvironment() === null ? 'none' : kept, note: this.#note }
  }

  async set(token: string): Promise<HubTokenState> {
    const trimmed = token.trim()
    if (!FORM.test(trimmed))
      return {
        ...this.state(),
        note: 'This is no token: it is one word of 8 to 512 letters, digits and signs.',
      }
    this.#token = trimmed
    const why = await this.#write(trimmed)
    this.#isStored = why === null
    this.#note = why === null ? null : `It is kept until Suture ends, and nowhere on disk: ${why}.`
    this.#onChange(this.value)
    return this.state()
  }

  /** Encrypts it into its file; returns why that cannot be. */
  async #write(token: string): Promise<string | null> {
    try {
      const why = await whyNotKept()
      if (why === null) {
        const encrypted = await safeStorage.encryptStringAsync(token)
        writeAtomically(this.#file, (put) => put(encrypted))
        return null
      }
      rmSync(this.#file, { force: true })
      return why
    } catch (error) {
      return `the system’s keychain refused (${error instanceof Error ? error.message : String(error)})`
    }
  }

  clear(): HubTokenState {
    this.#token = null
    this.#isStored = false
    this.#note = null
    rmSync(this.#file, { force: true })
    this.#onChange(this.value)
    return this.state()
  }
}
