import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import type { RecentWorkspace } from '#contract/desktop.ts'
import { writeAtomically } from '../store/atomic.ts'
import { isWorkspace } from '../store/workspace-file.ts'

const Folders = z.array(z.string()).max(100)
const MOST = 10

/** The workspaces that were open last, newest first, kept in a file of this person. */
export class RecentWorkspaces {
  readonly #file: string
  constructor(file: string) {
    this.#file = file
  }

  /** Those that are still there. A broken file counts as none. */
  list(): RecentWorkspace[] {
    return this.#folders()
      .filter(isWorkspace)
      .map((folder) => ({ folder, name: basename(folder) || folder }))
  }

  add(folder: string): void {
    this.#write([folder, ...this.#folders().filter((other) => other !== folder)].slice(0, MOST))
  }

  /** Forgets all but the one that is open. */
  clear(open: string | null): void {
    this.#write(open === null ? [] : [open])
  }

  #folders(): string[] {
    try {
      return Folders.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
    } catch {
      return []
    }
  }

  #write(folders: string[]): void {
    writeAtomically(this.#file, (put) => put(new TextEncoder().encode(JSON.stringify(folders))))
  }
}
