// npm start: installs, builds, opens. A window where Electron can be had and there is a display, else a browser tab.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { at, build, install, node, run } from './setup.mjs'

const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** The Electron binary, fetched once; null where it cannot be had. */
function electronBinary() {
  const pathFile = at('node_modules/electron/path.txt')
  if (!existsSync(pathFile)) {
    console.log('Fetching Electron (once)…')
    run(node, [at('node_modules/electron/install.js')], { stdio: 'ignore', timeout: 300_000 })
  }
  if (!existsSync(pathFile)) return null
  const binary = at('node_modules/electron/dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(binary) ? binary : null
}

function forward(child) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 0))
}

function openBrowser(address) {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open']
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

install()
if (build() !== 0) {
  console.error('The build failed: see the lines above.')
  process.exit(1)
}
const args = process.argv.slice(2)
// An empty workspace is not left empty: the engine prepares the demo in it, once.
const env = { SUTURE_FIRST_START: 'demo', ...process.env }
const binary = display && !args.includes('--serve') ? electronBinary() : null
if (binary) {
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
  forward(spawn(binary, [at('.'), ...sandbox, ...args], { stdio: 'inherit', env }))
} else {
  if (!args.includes('--serve'))
    console.log(
      display
        ? 'The Electron binary could not be fetched: opening the same app in the browser.'
        : 'There is no display: serving the same app to a browser.',
    )
  const passed = args.filter((arg) => arg !== '--serve')
  const child = spawn(node, [at('out/main/serve.js'), ...passed], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env,
  })
  child.stdout.on('data', (data) => {
    process.stdout.write(data)
    const address = /http:\/\/\S+/.exec(String(data))?.[0]
    if (address && display) openBrowser(address)
  })
  forward(child)
}
