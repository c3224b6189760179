// Reads mutated SAE files of every kind: node scripts/fuzz-sae-files.ts [runs per kind] [seed]. Says how many were read and
// refused; ends with 1 when one did anything else, naming the seed that makes it again.
import { fuzz, KINDS } from '../test/unit/sae/formats/fuzz.ts'

const runs = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
console.log(`${runs} mutated files of each of ${KINDS.length} kinds, seed ${seed}`)

let faults = 0
for (const kind of KINDS) {
  const start = performance.now()
  const report = fuzz(kind, runs, seed)
  faults += report.faults.length
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(
    `${kind.kind.padEnd(36)} ${report.read} read, ${report.refused} refused, ${report.faults.length} faults; slowest ${report.slowestMs.toFixed(0)} ms, largest array ${report.largestBytes} bytes; ${seconds} s`,
  )
  for (const fault of report.faults.slice(0, 10)) console.log(`  ${fault}`)
}
process.exitCode = faults > 0 ? 1 : 0
