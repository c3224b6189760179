// How fast cached activations come back, from the page cache: `node scripts/bench/activations.ts [MB]`.
// Prints one JSON document; rates are GB of float32 given per second of this process's CPU time, which is the time on
// a machine that does nothing else: reading is one thread's work. `bareGBs` is a plain read of the same file from its
// start to its end into one buffer, `ofBare` the shuffled reader's rate, in bytes of the file, as a share of it. `shuffledGBs` is the best of three passes that follow
// a first one, `firstPassGBs`.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivationDtype, ActivationSet } from '#contract/activation-set.ts'
import { openToAppend } from '../../src-main/activations/cache.ts'
import { bytesPerValue, harvestLayout } from '../../src-main/activations/layout.ts'
import { openActivations, type ActivationReader } from '../../src-main/activations/reader.ts'
import { shuffledBatches, tokensPerPass } from '../../src-main/activations/shuffled-batches.ts'
import { encodeValues } from '../../src-main/activations/stored-values.ts'
import { verifyActivations } from '../../src-main/activations/verify.ts'
import { openWorkspace, type Workspace } from '../../src-main/store/workspace.ts'

const CONTEXT = 128
const BATCH = 4096

function writeSet(
  workspace: Workspace,
  dIn: number,
  dtype: ActivationDtype,
  megabytes: number,
): ActivationSet {
  const { rowsPerChunk } = harvestLayout(CONTEXT, dIn, dtype)
  const tokensPerChunk = rowsPerChunk * CONTEXT
  const chunks = Math.max(2, Math.round((megabytes * 1e6) / (tokensPerChunk * dIn * bytesPerValue(dtype))))
  const id = workspace.activationSets.newId()
  const header = { dIn, dtype, contextSize: CONTEXT, tokensPerChunk, hasTokens: true }
  const cache = openToAppend(workspace.activationFile(id), header)
  const values = Float32Array.from({ length: tokensPerChunk * dIn }, Math.random)
  const ids = new Uint8Array(tokensPerChunk * 4)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const activations = encodeValues(values, dtype, {
      subject: 'bench',
      code: 'internal',
      firstToken: 0,
      dIn,
    })
    cache.append(chunk, tokensPerChunk, { activations, ids }, null)
  }
  cache.settle()
  cache.close()
  const tokens = chunks * tokensPerChunk
  return workspace.activationSets.put({
    id,
    name: `${dIn} ${dtype}`,
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'bench', from: [], parameters: {}, version: '0' },
    modelId: null,
    corpusId: null,
    hookName: 'blocks.0.hook_resid_pre',
    ...header,
    rows: tokens / CONTEXT,
    tokens,
    prependBos: true,
    bytes: tokens * dIn * bytesPerValue(dtype),
    complete: true,
  })
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** CPU seconds that a piece of work takes, the best of three. */
async function seconds(work: () => unknown): Promise<number> {
  let best = Infinity
  for (let i = 0; i < 3; i++) {
    const start = cpuSeconds()
    await work()
    best = Math.min(best, cpuSeconds() - start)
  }
  return best
}

/** Passes over a set as a training run makes them, one after the other; each call is one. */
function shuffledPasses(reader: ActivationReader): () => void {
  const into = new Float32Array(BATCH * reader.set.dIn)
  const batches = shuffledBatches(reader, { batchTokens: BATCH, seed: 1, into })
  const count = Math.floor(tokensPerPass(reader.set) / BATCH)
  return () => {
    for (let i = 0; i < count; i++) batches.next()
  }
}

/** The file from its start to its end, 4 MB at a time, and nothing done with it. */
function bareRead(file: string): void {
  const buffer = new Uint8Array(4 << 20)
  const fd = openSync(file, 'r')
  while (readSync(fd, buffer) > 0);
  closeSync(fd)
}

function inOrder(reader: ActivationReader): void {
  const out = new Float32Array(BATCH * reader.set.dIn)
  for (let t = 0; t + BATCH <= reader.set.tokens; t += BATCH) reader.read(t, BATCH, out)
}

const megabytes = Number(process.argv[2] ?? 512)
const folder = mkdtempSync(join(tmpdir(), 'suture-bench-'))
const workspace = openWorkspace(folder)
const results: Record<string, unknown>[] = []
try {
  for (const [dIn, dtype] of [
    [64, 'f32'],
    [768, 'f32'],
    [768, 'f16'],
    [4096, 'f32'],
  ] as const) {
    const start = cpuSeconds()
    const set = writeSet(workspace, dIn, dtype, megabytes)
    const writing = cpuSeconds() - start
    const reader = openActivations(workspace, set.id)
    const given = (set.tokens * dIn * 4) / 1e9
    const rate = (time: number): number => Number((given / time).toFixed(2))
    const file = workspace.activationFile(set.id)
    const stored = statSync(file).size / 1e9
    const bare = stored / (await seconds(() => bareRead(file)))
    const pass = shuffledPasses(reader)
    const beginning = cpuSeconds()
    pass() // with the checksums, which are compared once, and the memory, which is made once
    const first = cpuSeconds() - beginning
    const shuffled = await seconds(pass)
    results.push({
      dIn,
      dtype,
      tokens: set.tokens,
      writeGBs: rate(writing),
      inOrderGBs: rate(await seconds(() => inOrder(reader))),
      firstPassGBs: rate(first),
      shuffledGBs: rate(shuffled),
      bareGBs: Number(bare.toFixed(2)),
      ofBare: Number((stored / shuffled / bare).toFixed(2)),
      verifyGBs: rate(await seconds(() => verifyActivations(workspace, set.id))),
    })
    reader.close()
    rmSync(workspace.activationFile(set.id))
  }
} finally {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
}
console.log(JSON.stringify({ bench: 'activations', megabytes, results }, null, 2))
