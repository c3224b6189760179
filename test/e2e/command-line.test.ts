import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { hasShared, removeFolder, root, shared, temporaryFolder } from './app.ts'

const run = promisify(execFile)
let workspace: string
test.beforeAll(() => (workspace = temporaryFolder()))
test.afterAll(() => removeFolder(workspace))

interface Outcome {
  code: number
  out: string
  err: string
}
async function suture(...args: string[]): Promise<Outcome> {
  const all = [join(root, 'scripts/suture.mjs'), ...args, '--workspace', workspace]
  try {
    const { stdout, stderr } = await run(process.execPath, all, { maxBuffer: 1 << 26 })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}
async function json(...args: string[]): Promise<Record<string, string>> {
  const { code, out, err } = await suture(...args, '--json')
  expect(code, `suture ${args.join(' ')}: ${err}`).toBe(0)
  return JSON.parse(out) as Record<string, string>
}

test('help names every command and a wrong one fails with a sentence', async () => {
  const { out } = await suture('--help')
  for (const command of [
    'models',
    'corpora',
    'harvest',
    'activations',
    'train',
    'index',
    'saes',
    'features',
    'list',
    'delete',
    'serve',
  ])
    expect(out).toContain(command)
  const wrong = await suture('delete', 'm-nothing1')
  expect(wrong.code).toBe(1)
  expect(wrong.err).toMatch(/m-nothing1.*\.\n$/)
})

test('a text that is not UTF-8 is refused with file and place, and nothing is added', async () => {
  const file = join(workspace, 'broken.txt')
  writeFileSync(file, Buffer.from([0x41, 0x0a, 0x42, 0xff, 0xfe, 0x43]))
  const { code, err } = await suture('corpora', 'add', file)
  expect(code).toBe(1)
  expect(err).toContain('broken.txt')
  expect(await json('list')).toMatchObject({ things: [] })
})

test('from a real model to a labelled feature, and the label survives a restart', async () => {
  test.skip(!hasShared, 'needs ../shared')
  test.setTimeout(240_000)
  const model = await json('models', 'add', join(shared, 'models/stories260K'))
  const corpus = await json('corpora', 'add', join(shared, 'corpora/tinystories-sampled.txt'))
  const set = await json(
    'harvest', '--model', model['id'], '--corpus', corpus['id'], '--hook', 'blocks.2.hook_resid_pre', '--tokens', '40000', '--context', '128',
  ) // prettier-ignore
  const sae = await json(
    'train',
    '--activations',
    set['id'],
    '--kind',
    'topk',
    '--width',
    '128',
    '--k',
    '8',
    '--tokens',
    '80000',
  )
  const index = await json('index', '--sae', sae['id'], '--activations', set['id'])
  expect(index['id']).toMatch(/^i-/)
  const features = (await json(
    'features',
    'list',
    '--sae',
    sae['id'],
    '--sort',
    'density',
    '--limit',
    '5',
  )) as unknown
  expect(JSON.stringify(features)).toContain('density')
  await json('features', 'label', '--sae', sae['id'], '--feature', '3', '--label', 'made by hand')
  const shown = await suture('features', 'show', '--sae', sae['id'], '--feature', '3', '--json')
  expect(shown.out).toContain('made by hand')

  const exported = join(workspace, 'exported')
  await json('saes', 'export', sae['id'], '--to', exported)
  expect(existsSync(join(exported, 'sae_weights.safetensors'))).toBe(true)
  expect(JSON.parse(readFileSync(join(exported, 'cfg.json'), 'utf8'))).toMatchObject({
    architecture: 'topk',
    d_in: 64,
    d_sae: 128,
  })
  const again = await json('saes', 'import', exported)
  expect(again['id']).not.toBe(sae['id'])
})
