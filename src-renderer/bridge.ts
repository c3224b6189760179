/** What Electron's preload puts on the window (src-preload/index.ts); absent in a browser. */
export interface Bridge {
  kind: 'electron'
  pickFolder(): Promise<string | null>
  pickFiles(extensions: string[]): Promise<string[]>
  /** Path on disk of a file that was dropped on the window. */
  pathOf(file: File): string
  /** Asks for a folder and opens it as the workspace of this window. */
  openWorkspace?(): Promise<unknown>
  /** The hub's token in the system's keychain: it can be set and removed (null), never read. */
  hubToken?: { set(token: string | null): Promise<unknown> }
  /** Shows a file or a folder in the system's file manager. */
  reveal?(path: string): Promise<unknown>
  notify(title: string, body: string): Promise<void>
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
