import type { HubTokenState, RecentWorkspace } from '#contract/desktop.ts'
import type { Problem } from '#contract/problem.ts'

/** What Electron's preload puts on the window (src-preload/index.ts); absent in a browser. */
export interface Bridge {
  kind: 'electron'
  pickFolder(): Promise<string | null>
  pickFiles(extensions: string[]): Promise<string[]>
  /** Path on disk of a file that was dropped on the window. */
  pathOf(file: File): string
  /** Shows a file or a folder of this machine in the system's file manager. */
  reveal(path: string): Promise<void>
  notify(title: string, body: string): Promise<void>
  /**
   * Lets the person choose another workspace and opens it: the engine is started on it, the window loads again.
   * null when it was opened or nothing was chosen; else why it was refused, the old one staying open.
   */
  openWorkspace(): Promise<Problem | null>
  /** As `openWorkspace`, in a folder that is to become one. */
  newWorkspace(): Promise<Problem | null>
  /** As `openWorkspace`, of a .suture file that was dropped on the window. */
  openWorkspaceFile(file: File): Promise<Problem | null>
  /** As `openWorkspace`, of one of the recent ones. */
  openRecentWorkspace(folder: string): Promise<Problem | null>
  /** The last ones that are still there, newest first; the one that is open is the first. */
  recentWorkspaces(): Promise<RecentWorkspace[]>
  /** Calls back when another workspace has been opened in this window. */
  onWorkspaceOpened(callback: () => void): () => void
  /** The hub's token: it can be given and removed, never read. */
  hubToken: {
    has(): Promise<HubTokenState>
    /** Refuses what cannot be a token: the state then is what it was, with a note that says why. */
    set(token: string): Promise<HubTokenState>
    clear(): Promise<HubTokenState>
  }
  /** Calls back with the name of a command chosen in the native menu. */
  onMenu(callback: (command: string) => void): () => void
  onEngineRestart(callback: () => void): () => void
}

declare global {
  interface Window {
    suture?: Bridge
  }
}

/** The bridge to Electron, or undefined in a browser tab. */
export const bridge = (): Bridge | undefined => window.suture
