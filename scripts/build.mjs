// Kernels, then the three bundles. Run by Node 24.
import { build, node, run, at } from './setup.mjs'

if (process.argv.includes('--if-needed')) process.exit(build())
const code = run(node, [at('scripts/kernels.mjs')])
process.exit(
  code || run(node, [at('node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error']),
)
