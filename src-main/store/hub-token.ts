import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Where the hub's token is looked for, in the order of huggingface_hub: HF_TOKEN, then the file that
// "hf auth login" writes. The desktop app gives its engine a token of its own, kept in the system's keychain.

/** The file of Hugging Face's own tools: HF_TOKEN_PATH, or "token" in HF_HOME. */
function tokenFile(): string {
  const { HF_TOKEN_PATH: path, HF_HOME: home, XDG_CACHE_HOME: cache } = process.env
  return path || join(home || join(cache || join(homedir(), '.cache'), 'huggingface'), 'token')
}

/** The token to send to the hub; null: ask without one. */
export function hubToken(): string | null {
  const set = process.env['HF_TOKEN']?.trim()
  if (set) return set
  try {
    return readFileSync(tokenFile(), 'utf8').trim() || null
  } catch {
    return null // nobody has logged in on this machine
  }
}

/**
 * Uses another token from now on, in this process and the threads that it starts later; null: what the environment
 * has. Set at run time, a variable is in no listing of processes.
 */
export function useHubToken(token: string | null): void {
  if (token === null) delete process.env['HF_TOKEN']
  else process.env['HF_TOKEN'] = token
}
