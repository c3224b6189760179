import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from '../app.ts'

export type Platform = 'linux' | 'mac' | 'win'

/** Where Electron's fuses are in its binary: this text, a version, a count, and one character each. */
export const FUSES_BEGIN = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const FUSES = Buffer.concat([
  Buffer.from(FUSES_BEGIN),
  Buffer.from([1, 9]),
  Buffer.from('101100110'), // as Electron ships them, roughly: what is flipped must differ
  Buffer.alloc(16),
])

/** Of resedit, which electron-builder itself writes the resources of an .exe with. */
interface VersionInfo {
  setStringValues(language: { lang: number; codepage: number }, values: Record<string, string>): void
  outputToResourceEntries(entries: unknown[]): void
}
interface ResEdit {
  NtExecutable: { from(bytes: Buffer): { generate(): ArrayBuffer } }
  NtExecutableResource: { from(exe: object): { entries: unknown[]; outputResource(exe: object): void } }
  Resource: { VersionInfo: { createEmpty(): VersionInfo } }
}

/** A Windows program with a version in it, made from a library that is at hand; it could not run. */
function windowsProgram(): Buffer {
  const require = createRequire(createRequire(import.meta.url).resolve('app-builder-lib'))
  const { NtExecutable, NtExecutableResource, Resource } = require('resedit') as ResEdit
  const exe = NtExecutable.from(
    readFileSync(join(root, 'node_modules/better-sqlite3/prebuilds/win32-x64.node')),
  )
  const resource = NtExecutableResource.from(exe)
  const version = Resource.VersionInfo.createEmpty()
  version.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Electron' })
  version.outputToResourceEntries(resource.entries)
  // The fuses as a resource, so that they are still there when the program is written anew.
  resource.entries.push({ type: 10, id: 1, lang: 1033, codepage: 1200, bin: new Uint8Array(FUSES).buffer })
  resource.outputResource(exe)
  return Buffer.from(exe.generate())
}

const plist = (executable: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${executable}</string>
<key>CFBundleIdentifier</key><string>com.github.Electron</string></dict></plist>
`

const FILES: Record<Platform, () => Record<string, string | Buffer>> = {
  linux: () => ({
    electron: FUSES,
    chrome_crashpad_handler: '',
    'chrome-sandbox': '',
    'locales/en-US.pak': '',
  }),
  win: () => ({ 'electron.exe': windowsProgram(), 'locales/en-US.pak': '' }),
  mac: () => {
    const frameworks = 'Electron.app/Contents/Frameworks'
    const helpers = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`)
    return {
      'Electron.app/Contents/Info.plist': plist('Electron'),
      'Electron.app/Contents/MacOS/Electron': '',
      'Electron.app/Contents/Resources/electron.icns': '',
      [`${frameworks}/Electron Framework.framework/Electron Framework`]: FUSES,
      ...Object.fromEntries(
        helpers.flatMap((helper) => [
          [`${frameworks}/${helper}.app/Contents/Info.plist`, plist(helper)],
          [`${frameworks}/${helper}.app/Contents/MacOS/${helper}`, ''],
        ]),
      ),
    }
  },
}

/** A folder that electron-builder takes for an unpacked Electron; nothing in it could run. */
export function writeDummyElectron(folder: string, platform: Platform): void {
  const files = { LICENSE: '', 'LICENSES.chromium.html': '', version: '0', ...FILES[platform]() }
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { mode: 0o755 })
  }
}
