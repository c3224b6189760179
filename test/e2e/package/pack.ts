import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../app.ts'
import { listAsar, type AsarFile } from './asar.ts'
import { FUSES_BEGIN, writeDummyElectron, type Platform } from './dummy-electron.ts'

const ARCH = { linux: 'x64', win: 'x64', mac: 'arm64' } as const
const UNPACKED = { linux: 'linux-unpacked', win: 'win-unpacked', mac: 'mac-arm64' } as const
const RESOURCES = {
  linux: 'resources',
  win: 'resources',
  mac: 'Suture.app/Contents/Resources',
} as const
const BINARY = {
  linux: 'suture',
  win: 'Suture.exe',
  mac: 'Suture.app/Contents/Frameworks/Electron Framework.framework/Electron Framework',
} as const
/** A port where nothing listens: whatever asks the network for something fails. */
const NOWHERE = 'http://127.0.0.1:9'

export interface Packed {
  resources: string
  archive: string
  files: AsarFile[]
  /** One character per fuse of Electron, "0" for off. */
  fuses: string
  /** Bytes of archive and unpacked files: the app without Electron. */
  bytes: number
}

/** Packs the built app for a platform around a dummy Electron, without a network. */
export async function pack(platform: Platform, folder: string): Promise<Packed> {
  const electron = join(folder, `electron-${platform}`)
  const out = join(folder, `packed-${platform}`)
  writeDummyElectron(electron, platform)
  const builder = join(root, 'node_modules/electron-builder/cli.js')
  const args = ['--dir', `--${platform}`, `--${ARCH[platform]}`, '--publish', 'never']
  const settings = [`-c.electronDist=${electron}`, `-c.directories.output=${out}`]
  await promisify(execFile)(process.execPath, [builder, ...args, ...settings], {
    cwd: root,
    env: {
      ...process.env,
      ...{ HTTPS_PROXY: NOWHERE, https_proxy: NOWHERE, HTTP_PROXY: NOWHERE, http_proxy: NOWHERE },
      CSC_IDENTITY_AUTO_DISCOVERY: 'false',
    },
  })
  const unpacked = join(out, UNPACKED[platform])
  const resources = join(unpacked, RESOURCES[platform])
  const archive = join(resources, 'app.asar')
  const binary = readFileSync(join(unpacked, BINARY[platform]))
  const fusesAt = binary.indexOf(FUSES_BEGIN) + FUSES_BEGIN.length
  const files = listAsar(archive)
  return {
    resources,
    archive,
    files,
    fuses: binary.toString('latin1', fusesAt + 2, fusesAt + 2 + binary[fusesAt + 1]),
    bytes: statSync(archive).size + files.reduce((sum, f) => sum + (f.offset === null ? f.bytes : 0), 0),
  }
}
