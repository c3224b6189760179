// The door between the sandboxed window and the main process: this page and nothing more crosses.
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'

const listen = (channel: string, callback: (value: string) => void): (() => void) => {
  const listener = (_event: IpcRendererEvent, value: string): void => callback(value)
  ipcRenderer.on(channel, listener)
  return () => ipcRenderer.off(channel, listener)
}

const bridge = {
  kind: 'electron' as const,
  pickFolder: (): Promise<string | null> => ipcRenderer.invoke('suture:pick-folder'),
  pickFiles: (extensions: string[]): Promise<string[]> => ipcRenderer.invoke('suture:pick-files', extensions),
  pathOf: (file: File): string => webUtils.getPathForFile(file),
  notify: (title: string, body: string): Promise<void> =>
    ipcRenderer.invoke('suture:notify', { title, body }),
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
