// What a download from the hub would come to, before anything is written.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemOf } from '#contract/problem.ts'
import { downloadJob } from '../../../src-main/language-model/hub-download.ts'
import { planDownload } from '../../../src-main/language-model/hub-plan.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { copyOf, editConfig, temporaryFolder } from './edit-checkpoint.ts'
import { serveModelHub, type ModelHub } from './model-hub.ts'

const REPO = 'someone/tiny'
const ENVIRONMENT = ['HF_ENDPOINT', 'HF_HUB_CACHE', 'HF_TOKEN', 'HF_HUB_OFFLINE'] as const
let hub: ModelHub
let source: string
let cache: string

async function open(fixture: string): Promise<void> {
  source = copyOf(fixture)
  rmSync(join(source, 'reference.safetensors'))
  writeFileSync(join(source, 'pytorch_model.bin'), 'not wanted')
  hub = await serveModelHub(source, REPO)
  process.env['HF_ENDPOINT'] = hub.address
}
beforeEach(() => {
  cache = join(temporaryFolder(), 'hub')
  process.env['HF_HUB_CACHE'] = cache
})
afterEach(async () => {
  for (const name of ENVIRONMENT) delete process.env[name]
  await hub.close()
})
const download = async (): Promise<void> => {
  const workspace = openWorkspace(temporaryFolder())
  const params = { id: workspace.models.newId(), hubId: REPO, centerWritingWeights: false }
  await downloadJob(params, workspace, { report: () => {}, stopAsked: false, checkpoint: () => {} })
  workspace.close()
}
const codeOf = (hubId = REPO): Promise<string> =>
  planDownload(hubId).then(
    () => 'ok',
    (error: unknown) => problemOf(error).code,
  )

test('it names the files that are needed with their sizes, and writes nothing', async () => {
  await open('qwen2')
  const plan = await planDownload(REPO)
  expect(plan).toMatchObject({ repo: REPO, revision: 'main', modelType: 'qwen2', hubReached: true })
  expect(plan.files.map(({ name }) => name)).toEqual(['config.json', 'model.safetensors'])
  for (const { bytes, hereBytes } of plan.files) expect([bytes > 0, hereBytes]).toEqual([true, 0])
  expect(existsSync(cache)).toBe(false)
  expect(hub.requests.some((request) => request.includes('/cdn/'))).toBe(false)
})

test('shards are named by their index', async () => {
  await open('llama-linear-biases')
  const { files } = await planDownload(REPO)
  expect(files.filter(({ name }) => name.endsWith('.safetensors'))).toHaveLength(2)
})

test('what is in the cache need not come, nor be asked of a hub that is gone', async () => {
  await open('qwen2')
  await download()
  const whole = await planDownload(REPO)
  expect(whole.files.every(({ bytes, hereBytes }) => bytes === hereBytes)).toBe(true)
  process.env['HF_HUB_OFFLINE'] = '1'
  expect(await planDownload(REPO)).toMatchObject({ hubReached: false, modelType: 'qwen2' })
})

test('it is refused as the download would be', async () => {
  await open('qwen2')
  expect(await codeOf('no model')).toBe('bad-input')
  expect(await codeOf('someone/else')).toBe('not-found')
  hub.token = 'hf_secret'
  expect(await codeOf()).toBe('not-allowed')
  process.env['HF_TOKEN'] = 'hf_secret'
  expect(await codeOf()).toBe('ok')
  process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9'
  expect(await codeOf()).toBe('network')
  process.env['HF_ENDPOINT'] = hub.address
  editConfig(source, { model_type: 'mamba' })
  expect(await codeOf()).toBe('unsupported')
})
