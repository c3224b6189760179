// The same app in a browser tab, for a machine without a display or without the Electron binary.
import { parseArgs } from 'node:util'
import { problemOf, sentence } from '#contract/problem.ts'
import { serveWorkspace } from './serve/server.ts'
import { defaultWorkspace } from './workspace-folder.ts'

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      workspace: { type: 'string', default: defaultWorkspace() },
    },
  })
  const served = await serveWorkspace(values.workspace, Number(values.port))
  console.log(`Suture is open at ${served.address}`)
  const close = (): void => void served.close().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close)
} catch (error) {
  console.error(sentence(problemOf(error)))
  process.exit(1)
}
