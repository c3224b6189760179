import { cpSync, existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { openWindow, removeFolder, temporaryFolder } from './app.ts'
import { extractAsar } from './package/asar.ts'
import type { Platform } from './package/dummy-electron.ts'
import { pack, type Packed } from './package/pack.ts'

/** Native binaries of each platform's package, and nothing else that is native. */
const NATIVE: Record<Platform, string[]> = {
  linux: [
    'better-sqlite3/prebuilds/linux-x64.node',
    'onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
    'onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
  ],
  win: [
    'better-sqlite3/prebuilds/win32-x64.node',
    ...['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'].map(
      (name) => `onnxruntime-node/bin/napi-v6/win32/x64/${name}`,
    ),
  ],
  mac: [
    'better-sqlite3/prebuilds/darwin-arm64.node',
    'onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib',
    'onnxruntime-node/bin/napi-v6/darwin/arm64/onnxruntime_binding.node',
  ],
}
const TOP =
  /^(package\.json$|out\/(main|preload|renderer|kernels)\/|resources\/demo\/|node_modules\/(better-sqlite3|onnxruntime-node|onnxruntime-common)\/)/
/** In Electron's order: run as Node, cookie encryption, NODE_OPTIONS, --inspect, asar integrity, only from the asar,
 * browser snapshot (as it came), file:// privileges, WebAssembly trap handlers (as it came). */
const FUSES = '010011100'
const MEGABYTE = 1e6

let folder: string
test.beforeAll(() => (folder = temporaryFolder()))
test.afterAll(() => removeFolder(folder))

function expectContents(packed: Packed, platform: Platform): void {
  const paths = packed.files.map(({ path }) => path)
  expect(paths.filter((path) => !TOP.test(path))).toEqual([])
  expect(
    paths.filter((path) => /\.(map|ts|tsbuildinfo|md)$/.test(path) && !path.endsWith('model/README.md')),
  ).toEqual([])
  const native = paths.filter((path) => /\.(node|dll|dylib|so)(\.|$)/.test(path))
  expect(native.toSorted()).toEqual(NATIVE[platform].map((path) => `node_modules/${path}`).toSorted())
  const unpacked = packed.files.filter(({ offset }) => offset === null)
  const unpackedPaths = unpacked.map(({ path }) => path)
  expect(unpackedPaths).toEqual(expect.arrayContaining([...native, 'resources/demo/model/model.safetensors']))
  for (const { path } of unpacked)
    expect(existsSync(join(packed.resources, 'app.asar.unpacked', path)), path).toBe(true)
  expect(paths).toEqual(
    expect.arrayContaining(
      [
        'main/index.js',
        'main/engine.js',
        'main/job-worker.js',
        'preload/index.cjs',
        'renderer/index.html',
        'kernels/sae.wasm',
      ].map((path) => `out/${path}`),
    ),
  )
  expect(existsSync(join(packed.resources, 'icon.png'))).toBe(true)
  expect(packed.fuses).toBe(FUSES)
  console.log(`${platform}: ${(packed.bytes / MEGABYTE).toFixed(1)} MB without Electron`)
}

for (const platform of ['win', 'mac'] as const)
  test(`the package for ${platform} holds its own binaries, the demo, and nothing of the workshop`, async () => {
    expectContents(await pack(platform, folder), platform)
  })

/** As it lies on disk when installed, for a Node that knows no archives: the same names, side by side. */
function install({ archive, resources }: Packed): string {
  const app = join(folder, 'installed', 'app.asar')
  const unpacked = join(resources, 'app.asar.unpacked')
  // In Electron the archive shows its unpacked files too.
  cpSync(unpacked, app, { recursive: true })
  extractAsar(archive, app)
  symlinkSync(unpacked, `${app}.unpacked`)
  return app
}

test('the package for linux runs by itself: its engine prepares the demo, through a quit in the middle', async () => {
  test.setTimeout(300_000)
  const packed = await pack('linux', folder)
  expectContents(packed, 'linux')
  const installed = install(packed)
  const workspace = join(folder, 'workspace')
  const open = (): ReturnType<typeof openWindow> =>
    openWindow(workspace, join(folder, 'user-data'), { packed: installed })

  const first = await open()
  await expect(first.page.getByText('engine ready')).toBeVisible()
  await first.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('demo')?.click())
  // A run has begun to train: the demo's model ran from beside the archive, worker and kernels from within it.
  const runs = join(workspace, 'runs')
  await expect.poll(() => existsSync(runs) && readdirSync(runs).length > 0, { timeout: 120_000 }).toBe(true)
  await first.app.close()

  const second = await open()
  await expect(second.page.getByText('engine ready, 1 job')).toBeVisible()
  await second.app.close()
})
