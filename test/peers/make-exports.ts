// Writes SAEs of every kind, folded and not, as SAELens folders and as dictionary_learning's files, with the codes and
// reconstructions that they must give: node test/peers/make-exports.ts <folder>; then check_exports.py <folder>.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProblemError } from '#contract/problem.ts'
import { foldDecoderNorm, selfContained } from '../../src-main/sae/folding.ts'
import { writeDictionaryLearning } from '../../src-main/sae/formats/dictionary-learning-writer.ts'
import { writeSaelensFolder } from '../../src-main/sae/formats/saelens-writer.ts'
import type { SaeWeights } from '../../src-main/sae/weights.ts'
import { encodeDecode } from '../unit/sae/formats/plain.ts'
import { ARCHITECTURES, sampleInputs, sampleSae } from '../unit/sae/formats/sample.ts'

const D_IN = 12
const D_SAE = 40
const HOOK = 'blocks.1.hook_resid_pre'

const sample = (kind: (typeof ARCHITECTURES)[number], seed: number): SaeWeights =>
  sampleSae(kind, seed, D_IN, D_SAE)
const foldable = ARCHITECTURES.filter((kind) => kind !== 'topk' && kind !== 'tied')
const variants: [string, SaeWeights][] = [
  ...ARCHITECTURES.map((kind): [string, SaeWeights] => [kind, sample(kind, 5)]),
  ...ARCHITECTURES.map((kind): [string, SaeWeights] => [
    `${kind}, b_dec folded`,
    selfContained(sample(kind, 6)),
  ]),
  ...foldable.map((kind): [string, SaeWeights] => [
    `${kind}, norm folded`,
    foldDecoderNorm(sample(kind, 7)).weights,
  ]),
  ['topk by scaled codes', { ...sample('topk', 8), rescaleActsByDecoderNorm: true }],
  ['topk, layer norm', { ...sample('topk', 8), normalizeActivations: 'layer_norm' }],
  ['standard, constant norm', { ...sample('standard', 8), normalizeActivations: 'constant_norm_rescale' }],
]

/** False where dictionary_learning has no word for the SAE. */
function writeForDictionaryLearning(folder: string, weights: SaeWeights): boolean {
  mkdirSync(folder, { recursive: true })
  try {
    writeDictionaryLearning(folder, weights, { lm_name: 'tiny', submodule_name: HOOK })
    return true
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'unsupported') return false
    throw error
  }
}

const to = process.argv[2]
const x = sampleInputs(20, D_IN)
const expected = variants.map(([name, weights]) => {
  writeSaelensFolder(join(to, 'saelens', name), weights, { model_name: 'tiny', hook_name: HOOK })
  const inDictionaryLearning = writeForDictionaryLearning(join(to, 'dictionary_learning', name), weights)
  return { name, inDictionaryLearning, ...encodeDecode(weights, x) }
})
const rows = Array.from({ length: 20 }, (_, t) => [...x.subarray(t * D_IN, (t + 1) * D_IN)])
writeFileSync(join(to, 'expected.json'), JSON.stringify({ x: rows, saes: expected }))
console.log(`${variants.length} SAEs in ${to}`)
