import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { canonicalWeights } from '../../../../src-main/sae/formats/canonical.ts'
import type { Found } from '../../../../src-main/sae/formats/found.ts'
import { findSaes, saeInFile, saeInFolder } from '../../../../src-main/sae/formats/index.ts'
import { folderFiles } from '../../../../src-main/sae/formats/source.ts'
import { openSafetensors } from '../../../../src-main/store/safetensors.ts'
import { difference, encodeDecode } from './plain.ts'

const fixtures = join(import.meta.dirname, '../../../fixtures/saes')
const Case = z.object({
  name: z.string(),
  path: z.string(),
  format: z.string(),
  architecture: z.string(),
  k: z.number().optional(),
  hook: z.string().optional(),
  model: z.string().optional(),
  prefixes: z.array(z.int()).optional(),
  centring: z.string().optional(),
  warns: z.boolean().optional(),
})
type Case = z.infer<typeof Case>
const cases = z.array(Case).parse(JSON.parse(readFileSync(join(fixtures, 'cases.json'), 'utf8')))

function find({ path }: Case): Found {
  if (/\.(pth?|npz)$/.test(path)) {
    const whole = join(fixtures, path)
    return saeInFile(folderFiles(dirname(whole)), path.slice(path.lastIndexOf('/') + 1))
  }
  const found = saeInFolder(folderFiles(join(fixtures, path)), '')
  if (!found) throw new Error(`${path} was not recognised`)
  return found
}

const table = (values: Float32Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, t) => [...values.subarray(t * width, (t + 1) * width)])

test.each(cases)('$name gives the codes and reconstructions that its own library computes', (each) => {
  const weights = canonicalWeights(find(each))
  const expected = openSafetensors(join(fixtures, 'expected', `${each.name}.safetensors`))
  const { codes, out } = encodeDecode(weights, expected.readF32('x'))
  expect(difference(out, table(expected.readF32('out'), weights.dIn))).toBeLessThan(2e-5)
  expect(difference(codes, table(expected.readF32('codes'), weights.dSae))).toBeLessThan(2e-5)
})

test.each(cases)('$name is recognised, and its model side is found', (each) => {
  const { format, claims, warnings, prefixes } = find(each)
  expect(format).toBe(each.format)
  expect(claims.architecture.value).toBe(each.architecture)
  if (each.k !== undefined) expect(claims.k?.value).toBe(each.k)
  if (each.hook !== undefined) expect(claims.hook.value).toBe(each.hook)
  if (each.model !== undefined) expect(claims.model.value).toBe(each.model)
  expect(claims.centring.value).toBe(each.centring ?? 'none')
  if (each.prefixes !== undefined) expect(prefixes).toEqual(each.prefixes)
  expect(warnings.length > 0).toBe(each.warns ?? false)
})

test('one look at the folder of all of them finds every one', () => {
  const { found } = findSaes(folderFiles(fixtures))
  const paths = found.map(({ path }) => path.slice(fixtures.length + 1).replaceAll('\\', '/'))
  const missing = cases.filter(({ path }) => !paths.some((p) => p === path || p.startsWith(`${path}/`)))
  expect(missing.map(({ name }) => name)).toEqual([])
})

test.each([
  ['reduce.pt', 'system, which is code and is never run'],
  ['module.pt', 'torch.nn.modules.linear.Linear, which is code and is never run'],
  ['expanded.pt', 'is stored as 1 values'],
  ['legacy.pt', 'written by torch before 1.6'],
  ['objects.npz', 'its values have the type |O'],
])('hostile/%s is refused by name and nothing in it is run', (name, words) => {
  expect(() => saeInFile(folderFiles(join(fixtures, 'hostile')), name)).toThrow(words)
})
