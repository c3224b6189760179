// Downloading models from a hub that runs here, over real connections, into the cache Hugging Face's libraries share.
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobControl } from '#contract/job.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import { Stopped } from '../../../src-main/jobs/control.ts'
import { discardDownload, downloadJob } from '../../../src-main/language-model/hub-download.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import { copyOf, editConfig, temporaryFolder } from './edit-checkpoint.ts'
import { COMMIT, serveModelHub, type ModelHub } from './model-hub.ts'

const REPO = 'someone/tiny'
const ENVIRONMENT = ['HF_ENDPOINT', 'HF_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE'] as const
let hub: ModelHub
let source: string
let cache: string
let workspace: Workspace

async function open(fixture: string): Promise<void> {
  source = copyOf(fixture)
  rmSync(join(source, 'reference.safetensors'))
  writeFileSync(join(source, 'pytorch_model.bin'), 'not wanted')
  hub = await serveModelHub(source, REPO)
  process.env['HF_ENDPOINT'] = hub.address
}
beforeEach(() => {
  cache = temporaryFolder()
  process.env['HF_HUB_CACHE'] = cache
  workspace = openWorkspace(temporaryFolder())
})
afterEach(async () => {
  for (const name of ENVIRONMENT) delete process.env[name]
  workspace.close()
  await hub.close()
})

const running: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }
const paramsOf = (hubId = REPO) => ({ id: workspace.models.newId(), hubId, centerWritingWeights: false })
const download = (hubId = REPO, control = running): Promise<Record<string, unknown>> =>
  downloadJob(paramsOf(hubId), workspace, control)
const refusal = async (hubId = REPO): Promise<string> => {
  const error: unknown = await download(hubId).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(problemOf(error).code).not.toBe('internal')
  return sentence(problemOf(error))
}
const repository = (): string => join(cache, 'models--someone--tiny')
const weightRequests = (): string[] => hub.requests.filter((request) => request.includes('/cdn/model'))

describe('a model on the hub', () => {
  test('becomes a model of the workspace, with only the needed files, in the shared layout', async () => {
    await open('qwen2')
    const { id, folder } = await download()
    const model = workspace.models.get(id as never)
    expect(model).toMatchObject({ name: REPO, family: 'llama', folder })
    expect(model.provenance.parameters).toMatchObject({ hubId: REPO })
    expect(readdirSync(folder as string).sort()).toEqual(['config.json', 'model.safetensors'])
    expect(lstatSync(join(folder as string, 'config.json')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(repository(), 'refs/main'), 'utf8')).toBe(COMMIT)
    expect(readFileSync(join(folder as string, 'model.safetensors'))).toEqual(
      readFileSync(join(source, 'model.safetensors')),
    )
    expect(hub.requests.some((request) => request.includes('pytorch'))).toBe(false)
  })

  test('in shards comes whole', async () => {
    await open('llama-linear-biases')
    const { folder } = await download(`${REPO}@v1`)
    expect(readdirSync(folder as string)).toHaveLength(4)
    expect(readFileSync(join(repository(), 'refs/v1'), 'utf8')).toBe(COMMIT)
  })

  test('that is in the cache is not downloaded again, nor needed from the hub when that is gone', async () => {
    await open('qwen2')
    const first = await download()
    const before = weightRequests().length
    expect((await download())['folder']).toBe(first['folder'])
    expect(weightRequests()).toHaveLength(before)
    await hub.close()
    expect((await download())['folder']).toBe(first['folder'])
    process.env['HF_HUB_OFFLINE'] = '1'
    expect((await download())['folder']).toBe(first['folder'])
  })

  test('says how far it is', async () => {
    await open('qwen2')
    const reports: [number, number | null][] = []
    await download(REPO, { ...running, report: (_doing, done, total) => void reports.push([done, total]) })
    const size = readFileSync(join(source, 'model.safetensors')).length
    expect(reports.at(-1)).toEqual([size, size])
  })
})

describe('a download that stops in the middle', () => {
  test('goes on where the connection broke, by itself', async () => {
    await open('neox-sequential')
    hub.cutAfter = 30_000
    const { folder } = await download()
    expect(weightRequests().length).toBe(3)
    expect(weightRequests()[2]).toMatch(/bytes=60000-$/)
    expect(existsSync(join(folder as string, 'model.safetensors'))).toBe(true)
  })

  test('goes on after a pause with the part that is there', async () => {
    await open('neox-sequential')
    hub.cutAfter = 30_000
    const pausing: JobControl = { ...running, checkpoint: () => { if (weightRequests().length === 2) throw new Stopped('pause') } } // prettier-ignore
    await expect(download(REPO, pausing)).rejects.toThrow('stopped')
    hub.cutAfter = 0
    await download()
    expect(weightRequests().at(-1)).toMatch(/bytes=\d{5}-$/)
  })

  test('starts again where the server knows no ranges', async () => {
    await open('neox-sequential')
    hub.cutAfter = 30_000
    hub.ignoresRanges = true
    expect(await refusal()).toMatch(/cannot be reached|came/)
    hub.cutAfter = 0
    await download()
    expect(workspace.models.list()).toHaveLength(1)
  })

  test('leaves no parts when it is cancelled', async () => {
    await open('neox-sequential')
    const stopping: JobControl = { ...running, checkpoint: () => { if (weightRequests().length === 1) throw new Stopped('cancel') } } // prettier-ignore
    const params = paramsOf()
    await expect(downloadJob(params, workspace, stopping)).rejects.toThrow('stopped')
    discardDownload(params)
    expect(readdirSync(join(repository(), 'blobs')).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(workspace.models.list()).toEqual([])
  })

  test('is not taken for whole where a byte changed on the way', async () => {
    await open('qwen2')
    hub.corrupts = true
    expect(await refusal()).toMatch(/someone\/tiny.*model\.safetensors: what came is not what the hub has/)
    hub.corrupts = false
    await download()
  })
})

describe('what cannot be had is said in a sentence', () => {
  test('a private repository, and in with a token', async () => {
    await open('qwen2')
    hub.token = 'hf_secret'
    expect(await refusal()).toMatch(/does not let you read it \(401\).*HF_TOKEN/)
    process.env['HF_TOKEN'] = 'hf_secret'
    await download()
  })

  test('no such repository, revision, or hub', async () => {
    await open('qwen2')
    expect(await refusal('someone/else')).toMatch(/someone\/else: .*no such file or repository/)
    expect(await refusal(`${REPO}@nope`)).toMatch(/someone\/tiny@nope: .*no such/)
    expect(await refusal('not a name')).toMatch(/not the name of a model/)
    process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9'
    expect(await refusal()).toMatch(/cannot be reached/)
    process.env['HF_HUB_OFFLINE'] = '1'
    expect(await refusal()).toMatch(/not in the cache, and HF_HUB_OFFLINE/)
  })

  test('an unknown architecture, before its weights are downloaded', async () => {
    await open('qwen2')
    editConfig(source, { model_type: 'mamba' })
    expect(await refusal()).toMatch(/"mamba" is not implemented/)
    expect(weightRequests()).toEqual([])
  })

  test('weights only as a pickle', async () => {
    await open('qwen2')
    rmSync(join(source, 'model.safetensors'))
    expect(await refusal()).toMatch(/no weights in safetensors/)
  })
})
