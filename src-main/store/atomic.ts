import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file so that a reader sees the old one or the whole new one, whatever happens in between. */
export function writeAtomically(path: string, write: (put: (bytes: Uint8Array) => void) => void): void {
  const partial = `${path}.partial-${process.pid}`
  const fd = openSync(partial, 'w')
  try {
    write((bytes) => {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at)
    })
    fsyncSync(fd)
  } catch (error) {
    closeSync(fd)
    rmSync(partial, { force: true })
    throw error
  }
  closeSync(fd)
  renameSync(partial, path)
  syncFolder(dirname(path))
}

/** A rename is durable once its folder is. Windows cannot open folders and needs no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
