// npm run bench NAME [options]: one benchmark of scripts/bench, on the Node the program is made for. Ratios in one run.
import { existsSync, readdirSync } from 'node:fs'
import { at, install, node, run } from './setup.mjs'

const names = readdirSync(at('scripts/bench'))
  .filter((file) =>
    /^(activations|compare|features|feature-screen|harvest|pruning|quality|stitch|stitch-screen|training)\.ts$/.test(
      file,
    ),
  )
  .map((file) => file.replace('.ts', ''))
const [name, ...options] = process.argv.slice(2)
if (!name || !existsSync(at('scripts/bench', `${name}.ts`))) {
  console.error(`npm run bench NAME, where NAME is one of: ${names.join(', ')}`)
  process.exit(1)
}
install()
if (run(node, [at('scripts/kernels.mjs')]) !== 0) process.exit(1)
process.exit(run(node, [at('scripts/bench', `${name}.ts`), ...options]))
