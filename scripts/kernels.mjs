// Compiles the AssemblyScript kernels to out/kernels/*.wasm (read by src-main/places.ts).
import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const KERNELS = {
  sae: { source: 'src-main/backends/cpu/kernels/index.ts', shared: true },
  scan: { source: 'src-main/backends/cpu/kernels/scan.ts', shared: true },
  rows: { source: 'src-main/activations/kernels/rows.ts', shared: false },
}

// No runtime and no globals: everything the kernels know lies in the memory they are given.
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,threads,bulk-memory']
const MEMORY = ['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536']

mkdirSync(resolve(root, 'out/kernels'), { recursive: true })
for (const [name, { source, shared }] of Object.entries(KERNELS)) {
  const wasm = resolve(root, `out/kernels/${name}.wasm`)
  const asc = resolve(root, 'node_modules/assemblyscript/bin/asc.js')
  const args = [resolve(root, source), '--outFile', wasm, ...OPTIONS, ...MEMORY]
  if (shared) args.push('--sharedMemory')
  execFileSync(process.execPath, [asc, ...args], { stdio: 'inherit' })
  console.log(`out/kernels/${name}.wasm: ${statSync(wasm).size} bytes`)
}
