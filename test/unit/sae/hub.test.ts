import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobControl } from '#contract/job.ts'
import { Stopped } from '../../../src-main/jobs/control.ts'
import { parseCatalogue, fetchCatalogue } from '../../../src-main/sae/catalogue.ts'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import { checkImport, importSae, inspectSaes, type ImportParams } from '../../../src-main/sae/import.ts'
import { parseHubAddress } from '../../../src-main/store/hub.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import { serveHub, type HubServer } from './hub-server.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/saes')
const REPO = 'someone/saes'
const never: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }

let hub: HubServer
let folder: string
let workspace: Workspace
beforeEach(async () => {
  hub = await serveHub(fixtures, REPO)
  process.env['HF_ENDPOINT'] = hub.address
  folder = mkdtempSync(join(tmpdir(), 'hub-'))
  workspace = openWorkspace(folder)
})
afterEach(async () => {
  delete process.env['HF_ENDPOINT']
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
  await hub.close()
})
const params = (path: string): ImportParams => ({ id: workspace.saes.newId(), path, set: {} })

test.each([
  ['org/name', { repo: 'org/name', revision: 'main', path: '' }],
  ['org/name@v1/a/b', { repo: 'org/name', revision: 'v1', path: 'a/b' }],
  [
    'https://huggingface.co/org/name/tree/main/layers.10',
    { repo: 'org/name', revision: 'main', path: 'layers.10' },
  ],
  ['hf://org/name/x.pt', { repo: 'org/name', revision: 'main', path: 'x.pt' }],
])('%s is an address on the hub', (text, address) => {
  expect(parseHubAddress(text)).toEqual(address)
})
test.each(['just-a-name', '../up/there', '/absolute/path', 'a/../../b'])('%s is none', (text) => {
  expect(parseHubAddress(text)).toBeNull()
})

describe('a repository on the hub', () => {
  test('is listed with the shapes of its SAEs, without their weights', async () => {
    const { found, unread } = await inspectSaes(workspace, { path: `${REPO}/sparsify`, set: {} })
    expect(found.map(({ path, dIn, dSae, architecture }) => [path, dIn, dSae, architecture])).toEqual([
      [`${REPO}/sparsify/embed_tokens`, 6, 10, 'topk'],
      [`${REPO}/sparsify/layers.0.mlp`, 6, 10, 'topk'],
      [`${REPO}/sparsify/layers.10`, 6, 6, 'topk'],
    ])
    expect(found[0].tensors.find(({ name }) => name === 'W_dec')?.shape).toEqual([10, 6])
    expect(unread).toEqual([])
    expect(hub.requests.some((request) => /sae\.safetensors bytes=0-/.test(request))).toBe(true)
  })

  test('says which files can be looked into only after download', async () => {
    const { found, unread } = await inspectSaes(workspace, {
      path: `${REPO}/dictionary_learning/AutoEncoder`,
      set: {},
    })
    expect(found).toEqual([])
    expect(unread.map(({ path }) => path)).toEqual([`${REPO}/dictionary_learning/AutoEncoder/ae.pt`])
  })

  test('as a whole is listed over several pages', async () => {
    const { found, unread } = await inspectSaes(workspace, { path: REPO, set: {} })
    expect(found.length).toBeGreaterThan(20)
    expect(unread.length).toBeGreaterThan(10)
    expect(hub.requests.filter((request) => request.includes('/tree/')).length).toBeGreaterThan(1)
  })
})

describe('an import from the hub', () => {
  test.each([
    ['sparsify/layers.10', 'blocks.10.hook_resid_post'],
    ['dictionary_learning/AutoEncoder', 'blocks.3.hook_resid_post'],
    ['gemma-scope-2b-pt-res/layer_12/width_16k/average_l0_82', 'blocks.12.hook_resid_post'],
    ['openai/gpt2-small/resid_post_mlp/autoencoders/5.pt', 'blocks.5.hook_resid_post'],
    ['connor_rob/gpt2-small_L5_Hcat_z_lr1.20e-03_l11.80e+00_ds24576_bs4096_v9.pt', 'blocks.5.attn.hook_z'],
  ])('of %s finds what stands beside and above it, and leaves no download behind', async (path, hook) => {
    const request = params(`${REPO}/${path}`)
    await checkImport(workspace, request)
    const { sae } = await importSae(workspace, request, never)
    expect(sae.hookName).toBe(hook)
    expect(sae.provenance.parameters['path']).toBe(`${REPO}/${path}`)
    expect(readSaelensFolder(workspace.saeFolder(sae.id)).weights.dSae).toBe(sae.dSae)
    expect(existsSync(`${workspace.saeFolder(sae.id)}.download`)).toBe(false)
  })

  test('that was paused goes on with the part that is there', async () => {
    const request = params(`${REPO}/saelens/standard`)
    let stop = true
    const pausing: JobControl = { ...never, checkpoint: () => { if (stop) throw new Stopped('pause') } } // prettier-ignore
    await expect(importSae(workspace, request, pausing)).rejects.toThrow('stopped')
    stop = false
    const { sae } = await importSae(workspace, request, pausing)
    expect(readSaelensFolder(workspace.saeFolder(sae.id)).weights).toEqual(
      readSaelensFolder(join(fixtures, 'saelens/standard')).weights,
    )
  })

  test('whose connection breaks is a network problem, and a second attempt asks only for the rest', async () => {
    const request = params(`${REPO}/bare/weights.npz`)
    hub.breakAfter = 700
    await expect(importSae(workspace, request, never)).rejects.toThrow(/cannot be reached|came/)
    hub.breakAfter = null
    const { sae } = await importSae(workspace, request, never)
    expect(hub.requests.some((r) => /weights\.npz bytes=[1-9]\d*-$/.test(r))).toBe(true)
    expect(sae.dSae).toBe(10)
  })

  test('of a folder with several SAEs names them', async () => {
    await expect(checkImport(workspace, params(`${REPO}/sparsify`))).rejects.toThrow('it holds 3 SAEs')
  })

  test('of what is not there is a sentence', async () => {
    await expect(checkImport(workspace, params(`${REPO}/nowhere`))).rejects.toThrow('has no "nowhere"')
    await expect(checkImport(workspace, params('someone/else'))).rejects.toThrow(
      'has no such file or repository',
    )
  })

  test('without a server says so', async () => {
    process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9'
    await expect(checkImport(workspace, params(REPO))).rejects.toThrow('cannot be reached')
  })
})

describe('the SAELens catalogue', () => {
  const yaml = `gpt2-small-res-jb:
  config_overrides:
    model_from_pretrained_kwargs:
      center_writing_weights: true
  conversion_func: null
  links:
    model: https://huggingface.co/gpt2
  model: gpt2-small
  repo_id: jbloom/GPT2-Small-SAEs-Reformatted
  saes:
  - id: blocks.0.hook_resid_pre
    l0: 14.6
    path: blocks.0.hook_resid_pre
  - id: 'blocks.1.hook_resid_pre'
    norm_scaling_factor: 2.5
    path: blocks.1.hook_resid_pre
other:
  conversion_func: null
  model: m
  repo_id: a/b
  saes:
  - id: x
    path: y
`
  test('is read as releases: the address of each SAE, and what its files do not say', () => {
    const repo = 'jbloom/GPT2-Small-SAEs-Reformatted'
    const centred = { centring: 'activations centred' }
    expect(parseCatalogue(yaml)).toEqual([
      {
        release: 'gpt2-small-res-jb',
        repo,
        model: 'gpt2-small',
        saes: [
          { id: 'blocks.0.hook_resid_pre', path: `${repo}/blocks.0.hook_resid_pre`, set: centred },
          {
            id: 'blocks.1.hook_resid_pre',
            path: `${repo}/blocks.1.hook_resid_pre`,
            set: { ...centred, scale: '2.5' },
          },
        ],
      },
      { release: 'other', repo: 'a/b', model: 'm', saes: [{ id: 'x', path: 'a/b/y', set: {} }] },
    ])
  })

  test('that cannot be fetched is not available, and says why', async () => {
    await expect(fetchCatalogue(`${hub.address}/nothing.yaml`)).rejects.toThrow(
      'not available because 127.0.0.1',
    )
    await expect(fetchCatalogue('http://127.0.0.1:9/x')).rejects.toThrow('cannot be reached')
  })
})
