// An engine for tests of the window: answers the real contract from lists in memory.
import { contract, type EngineHandlers } from '#contract/index.ts'
import { problem } from '#contract/problem.ts'
import { portOf } from '#contract/ports.ts'
import { serve, type FramePort } from '#contract/rpc.ts'
import type { ThingDetail } from '#contract/workspace.ts'
import { startEngine } from '../../src-renderer/rpc.ts'
import { fakeWorkspace, type FakeWorkspace } from './fake-workspace.ts'

/** Answers by room and call; what the contract says of their values is checked when they are sent. */
export type Answers = {
  [Room in keyof EngineHandlers]?: {
    [Verb in keyof EngineHandlers[Room]]?: (
      input: Parameters<Extract<EngineHandlers[Room][Verb], (...rest: never[]) => unknown>>[0],
      signal: AbortSignal,
    ) => unknown
  }
}

/** Yields what is there, then waits for the asker to have enough. */
async function* thenWait<T>(items: T[], signal: AbortSignal): AsyncGenerator<T> {
  yield* items
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
}

function found<T extends { id: string }>(list: T[], id: string): T {
  const thing = list.find((one) => one.id === id)
  if (!thing) throw problem('not-found', id, 'there is no such thing')
  return thing
}

/** A thing with its relatives, as far as the lists tell. */
function detailOf(have: FakeWorkspace, id: string): ThingDetail {
  const all = [
    ...have.models.map((thing) => ({ kind: 'model' as const, thing })),
    ...have.corpora.map((thing) => ({ kind: 'corpus' as const, thing })),
    ...have.activations.map((thing) => ({ kind: 'activations' as const, thing })),
    ...have.saes.map((thing) => ({ kind: 'sae' as const, thing })),
    ...have.runs.map(({ run }) => ({ kind: 'run' as const, thing: run })),
  ].map(({ kind, thing }) => ({ ...thing, kind }))
  const { kind, name, createdAt, provenance } = found(all, id)
  const summaries = (list: typeof all): ThingDetail['usedBy'] =>
    list.map((one) => ({ id: one.id, kind: one.kind, name: one.name }))
  return {
    id,
    kind,
    name,
    createdAt,
    provenance,
    madeFrom: summaries(all.filter((one) => provenance.from.includes(one.id))),
    usedBy: summaries(all.filter((one) => one.provenance.from.includes(id))),
    files: [],
  }
}

/** Handlers over one fake workspace. */
export function fakeAnswers(have: FakeWorkspace): Answers {
  const all = (): { id: string; name: string }[] => [
    ...have.models,
    ...have.corpora,
    ...have.activations,
    ...have.saes,
  ]
  const refuse = (): never => {
    throw problem('unsupported', 'fake engine', 'this call has no answer here')
  }
  return {
    workspace: {
      info: () => ({
        folder: '/home/ada/suture/stories',
        version: '0.1.0',
        diskBytes: 3.1e9,
        freeBytes: 2.1e11,
      }),
      things: () =>
        have.runs.map(({ run }) => ({ id: run.id, kind: 'run', name: run.name, createdAt: run.createdAt })),
      thing: ({ id }) => detailOf(have, id),
      disk: () => have.disk,
      browse: ({ path = '/home/ada' }) => ({
        path,
        parent: path === '/' ? null : path.replace(/\/[^/]+$/, '') || '/',
        entries: have.folders[path] ?? [],
      }),
      rename: ({ id, name }) => {
        found(all(), id).name = name
        return null
      },
      dependents: ({ id }) => have.dependents[id] ?? [],
      remove: ({ id }) => {
        for (const list of [have.models, have.corpora, have.activations, have.saes] as { id: string }[][]) {
          const at = list.findIndex((one) => one.id === id)
          if (at >= 0) list.splice(at, 1)
        }
        return { removed: [id] }
      },
    },
    jobs: {
      list: () => have.jobs,
      get: ({ id }) => found(have.jobs, id),
      watch: (_input, signal) => thenWait(have.jobs, signal),
      pause: () => null,
      resume: () => null,
      cancel: () => null,
      forget: () => null,
    },
    models: {
      list: () => have.models,
      get: ({ id }) => found(have.models, id),
      add: refuse,
    },
    corpora: {
      list: () => have.corpora,
      get: ({ id }) => found(have.corpora, id),
      add: refuse,
      addTokens: refuse,
      preview: () => have.preview,
    },
    activations: {
      list: () => have.activations,
      get: ({ id }) => found(have.activations, id),
      harvest: refuse,
      estimate: ({ tokens, hookNames }) => ({ bytes: tokens * 256 * hookNames.length, freeBytes: 2.1e11 }),
      importFile: refuse,
      exportFile: refuse,
    },
    saes: {
      list: () => have.saes,
      get: ({ id }) => found(have.saes, id),
      inspect: () => have.findings,
      importFolder: refuse,
      exportFolder: refuse,
    },
    settings: {
      get: () => ({ backend: null, threads: null }),
      set: (change) => ({ backend: null, threads: null, ...change }),
      machine: () => ({ cores: 8, processor: 'Analytical Engine', memoryBytes: 1.6e10 }),
      backends: () => ({
        chosen: 'cpu',
        backends: [
          { name: 'cpu', available: true, why: null },
          { name: 'webgpu', available: false, why: 'webgpu backend: No supported adapters.' },
          { name: 'tensorflow', available: false, why: 'tensorflow backend: it is not installed.' },
        ],
      }),
      hub: () => ({
        endpoint: 'https://huggingface.co',
        hasToken: false,
        offline: false,
        cacheFolder: '/home/ada/.cache/huggingface/hub',
        cacheBytes: 5.2e8,
      }),
    },
    compare: { list: () => [] },
    reports: { list: () => [] },
    stitch: { list: () => [] },
    demo: { state: () => null, prepare: () => ({ job: null }) },
    training: {
      start: refuse,
      settings: () => have.runs[0].run.settings,
      runs: () => have.runs,
      run: ({ id }) => {
        const run = have.runs.find((one) => one.run.id === id)
        return run ?? refuse()
      },
      curve: ({ saeId, afterStep }) => (have.curves[saeId] ?? []).filter(({ step }) => step > afterStep),
    },
  }
}

/** Answers with some of them replaced. */
export function withAnswers(base: Answers, some: Answers): Answers {
  const names = [...new Set([...Object.keys(base), ...Object.keys(some)])] as (keyof Answers)[]
  return Object.fromEntries(names.map((room) => [room, { ...base[room], ...some[room] }]))
}

/** Serves a fake workspace over a port; calls that it has no answer for fail as the engine's own mistakes do. */
export function serveFake(port: FramePort, have: FakeWorkspace, some: Answers = {}): void {
  serve(contract, withAnswers(fakeAnswers(have), some) as EngineHandlers, port)
}

/** Connects the window to a fake engine over a real message channel; returns what the engine has. */
export function startFakeEngine(have: FakeWorkspace = fakeWorkspace(), some: Answers = {}): FakeWorkspace {
  startEngine((): FramePort => {
    const { port1, port2 } = new MessageChannel()
    serveFake(portOf(port2), have, some)
    return portOf(port1)
  })
  return have
}
