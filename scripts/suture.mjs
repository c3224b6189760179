#!/usr/bin/env node
// `suture …`: runs the built command line on the Node the program is made for, whichever Node called.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const cli = join(root, 'out/main/cli.js')
const node = join(root, 'node_modules/node/bin/node')

if (!existsSync(cli)) {
  console.error('suture: it is not built yet. Run "npm start" or "npm run build" first.')
  process.exit(1)
}
if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.argv[1] = cli
  await import(cli)
} else if (existsSync(node)) {
  // The channel tells the child when this process is gone, so that nothing is left running.
  const child = spawn(node, [cli, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  process.on('SIGINT', () => {}) // a terminal's Ctrl-C reaches the child by itself
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
} else {
  console.error(`suture: Node 24 or newer is needed, this is ${process.version}. Run "npm start" once.`)
  process.exit(1)
}
