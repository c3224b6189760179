// The door between the sandboxed window and the main process: this page and nothing more crosses.
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import type { HubTokenState, RecentWorkspace } from './contract/desktop.ts'
import type { Problem } from './contract/problem.ts'

const listen = (channel: string, callback: (value: string) => void): (() => void) => {
  const listener = (_event: IpcRendererEvent, value: string): void => callback(value)
  ipcRenderer.on(channel, listener)
  return () => ipcRenderer.off(channel, listener)
}
const ask = <T>(channel: string, argument?: unknown): Promise<T> =>
  ipcRenderer.invoke(`suture:${channel}`, argument)

const bridge = {
  kind: 'electron' as const,
  pickFolder: () => ask<string | null>('pick-folder'),
  pickFiles: (extensions: string[]) => ask<string[]>('pick-files', extensions),
  pathOf: (file: File): string => webUtils.getPathForFile(file),
  reveal: (path: string) => ask<void>('reveal', path),
  notify: (title: string, body: string) => ask<void>('notify', { title, body }),
  openWorkspace: () => ask<Problem | null>('open-workspace'),
  newWorkspace: () => ask<Problem | null>('new-workspace'),
  // Only a file that a person dropped has a path: the page cannot make one up.
  openWorkspaceFile: (file: File) =>
    ask<Problem | null>('open-workspace-file', webUtils.getPathForFile(file)),
  openRecentWorkspace: (folder: string) => ask<Problem | null>('open-recent-workspace', folder),
  recentWorkspaces: () => ask<RecentWorkspace[]>('recent-workspaces'),
  onWorkspaceOpened: (callback: () => void): (() => void) => listen('suture:workspace-opened', callback),
  hubToken: {
    has: () => ask<HubTokenState>('hub-token-has'),
    set: (token: string) => ask<HubTokenState>('hub-token-set', token),
    clear: () => ask<HubTokenState>('hub-token-clear'),
  },
  onMenu: (callback: (command: string) => void): (() => void) => listen('suture:menu', callback),
  onEngineRestart: (callback: () => void): (() => void) => listen('suture:engine-restarted', callback),
}
export type Bridge = typeof bridge
contextBridge.exposeInMainWorld('suture', bridge)

// Ports cannot cross contextBridge: the page makes a channel and posts one end here.
window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'suture:port')
    ipcRenderer.postMessage('suture:port', null, [...event.ports])
})
