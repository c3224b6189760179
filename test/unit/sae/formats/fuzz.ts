import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ProblemError } from '#contract/problem.ts'
import { canonicalWeights } from '../../../../src-main/sae/formats/canonical.ts'
import { saeInFile, saeInFolder } from '../../../../src-main/sae/formats/index.ts'
import { folderFiles } from '../../../../src-main/sae/formats/source.ts'
import { NPY_ARRAY, openNpy } from '../../../../src-main/store/npz.ts'
import { readTensor } from '../../../../src-main/store/tensor-file.ts'
import { openZip } from '../../../../src-main/store/zip.ts'
import { seeded } from './sample.ts'

// Mutated files of each kind: reading one must end, in a Problem or in weights, and must not allocate more than such a
// file could hold.

const fixtures = join(import.meta.dirname, '../../../fixtures/saes')

export interface FuzzKind {
  kind: string
  /** Copied whole; `file` in it is mutated. */
  folder: string
  file: string
  read(folder: string, file: string): void
}

const asFolder = (folder: string): void => {
  const found = saeInFolder(folderFiles(folder), '')
  if (found) canonicalWeights(found)
}
const asFile = (folder: string, file: string): void => {
  canonicalWeights(saeInFile(folderFiles(folder), file))
}
const kind = (name: string, path: string, read: FuzzKind['read']): FuzzKind => ({
  kind: name,
  folder: join(fixtures, dirname(path)),
  file: path.slice(path.lastIndexOf('/') + 1),
  read,
})

export const KINDS: readonly FuzzKind[] = [
  kind('safetensors', 'saelens/gated/sae_weights.safetensors', asFolder),
  kind('safetensors in bfloat16', 'saelens/bfloat16/sae_weights.safetensors', asFolder),
  kind('cfg.json of SAELens', 'saelens/topk/cfg.json', asFolder),
  kind(
    'config.json of dictionary_learning',
    'dictionary_learning/MatryoshkaBatchTopKSAE/config.json',
    asFolder,
  ),
  kind('cfg.json of sparsify', 'sparsify/layers.10/cfg.json', asFolder),
  kind('hyperparams.json', 'Llama3_1-8B-Base-L15R-8x/hyperparams.json', asFolder),
  kind('.pt', 'openai/gpt2-small/resid_delta_mlp_v5_32k/autoencoders/8.pt', asFile),
  kind('.pt of dictionary_learning', 'dictionary_learning/MatryoshkaBatchTopKSAE/ae.pt', asFolder),
  kind('.npz', 'bare/weights.npz', asFile),
  kind('.npz, deflated', 'gemma-scope-2b-pt-att/layer_12/width_16k/average_l0_82/params.npz', asFile),
  kind('.npy', 'bare/weights.npz', (folder, file) => void readTensor(openNpy(join(folder, file)), NPY_ARRAY)),
]

/** What a kind's unmutated file is; a .npy is taken out of its archive. */
export function seedBytes({ kind, folder, file }: FuzzKind): Uint8Array {
  if (kind !== '.npy') return readFileSync(join(folder, file))
  const zip = openZip(join(folder, file))
  return zip.read(zip.entry('W_enc.npy'))
}

const NASTY = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x28, 0x2e, 0x5b, 0x7b]
const WIDE = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0xfffffff0]
const WORDS = [
  '-1',
  '1e400',
  '99999999999',
  'null',
  'true',
  '"x"',
  '[]',
  '{}',
  'NaN',
  '4294967296',
  '0.5',
  '""',
  '-Infinity',
]

type Pick = (n: number) => number
type Mutation = (bytes: Uint8Array, pick: Pick) => Uint8Array

const spliced = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)])
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Where numbers are written out, as in JSON headers. */
function numberAt(bytes: Uint8Array, pick: Pick): [at: number, length: number] {
  const isDigit = (i: number): boolean => bytes[i] >= 0x30 && bytes[i] <= 0x39
  let at = pick(bytes.length)
  for (let tries = 0; tries < bytes.length && !isDigit(at); tries++) at = (at + 1) % bytes.length
  let length = 0
  while (at + length < bytes.length && isDigit(at + length)) length++
  return [at, length]
}

const MUTATIONS: readonly Mutation[] = [
  (b, pick) => b.with(pick(b.length), pick(256)),
  (b, pick) => b.with(pick(b.length), b[pick(b.length)] ^ (1 << pick(8))),
  (b, pick) => b.with(pick(b.length), NASTY[pick(NASTY.length)]),
  (b, pick) => {
    const out = b.slice()
    if (b.length >= 4)
      new DataView(out.buffer).setUint32(pick(b.length - 3), WIDE[pick(WIDE.length)], pick(2) === 0)
    return out
  },
  (b, pick) => b.slice(0, pick(b.length)),
  (b, pick) => spliced(b, pick(b.length), pick(16), b.subarray(0, 0)),
  (b, pick) => spliced(b, pick(b.length), 0, b.slice(pick(b.length)).subarray(0, pick(64))),
  (b, pick) => {
    const [at, length] = numberAt(b, pick)
    return spliced(b, at, length, ascii(WORDS[pick(WORDS.length)]))
  },
]

/** One to four mutations of a seed file. */
export function mutated(seed: Uint8Array, random: () => number): Uint8Array {
  const pick: Pick = (n) => Math.min(n - 1, Math.floor(((random() + 1) / 2) * n))
  let bytes: Uint8Array = new Uint8Array(seed)
  for (let n = 1 + pick(4); n > 0 && bytes.length > 0; n--)
    bytes = MUTATIONS[pick(MUTATIONS.length)](bytes, pick)
  return bytes
}

/** Makes arrays beyond a size impossible until `restore` is called; says the largest that was asked for. */
export function limitAllocations(limit: () => number): { largest(): number; restore(): void } {
  const names = ['Uint8Array', 'Float32Array', 'Float64Array', 'Int32Array'] as const
  const before = names.map((name) => globalThis[name])
  let largest = 0
  names.forEach((name, i) => {
    const handler: ProxyHandler<typeof Uint8Array> = {
      construct(target, args: unknown[], self) {
        const bytes = typeof args[0] === 'number' ? args[0] * target.BYTES_PER_ELEMENT : 0
        largest = Math.max(largest, bytes)
        if (!(bytes <= limit())) throw new Error(`${name} of ${bytes} bytes was asked for`)
        return Reflect.construct(target, args, self) as object
      },
    }
    Reflect.set(globalThis, name, new Proxy(before[i] as typeof Uint8Array, handler))
  })
  return {
    largest: () => largest,
    restore: () => names.forEach((name, i) => Reflect.set(globalThis, name, before[i])),
  }
}

export interface FuzzReport {
  runs: number
  /** Ended in weights: the mutation did no harm, or none that can be seen. */
  read: number
  refused: number
  slowestMs: number
  largestBytes: number
  /** Anything else than weights or a Problem, with the seed that makes it again. */
  faults: string[]
}

/** What a file of so many bytes may make us allocate: deflate unpacks 1032 : 1, an expanded tensor is 4 MiB at most. */
const plausible = (bytes: number, deflated: boolean): number =>
  (bytes + 64) * (deflated ? 1040 * 4 : 8) + (5 << 20)

/** Memory where there is such a folder: a hundred thousand files need no disk. */
const scratchRoot = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Reads `runs` mutations of one kind. @param seed decides every one of them */
export function fuzz(target: FuzzKind, runs: number, seed: number): FuzzReport {
  const scratch = mkdtempSync(join(scratchRoot, 'fuzz-'))
  cpSync(target.folder, scratch, { recursive: true })
  const original = seedBytes(target)
  const path = join(scratch, target.file)
  const report: FuzzReport = { runs, read: 0, refused: 0, slowestMs: 0, largestBytes: 0, faults: [] }
  let limit = Infinity
  const allocations = limitAllocations(() => limit)
  try {
    for (let run = 0; run < runs; run++) {
      limit = Infinity
      const bytes = mutated(original, seeded(seed + run))
      writeFileSync(path, bytes)
      limit = plausible(bytes.length, target.kind.includes('npz'))
      const start = performance.now()
      try {
        target.read(scratch, target.file)
        report.read++
      } catch (error) {
        if (error instanceof ProblemError) report.refused++
        else report.faults.push(`${target.kind}, seed ${seed + run}: ${String(error)}`)
      }
      report.slowestMs = Math.max(report.slowestMs, performance.now() - start)
    }
  } finally {
    limit = Infinity
    report.largestBytes = allocations.largest()
    allocations.restore()
    rmSync(scratch, { recursive: true, force: true })
  }
  return report
}
