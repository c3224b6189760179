import { z } from 'zod'
import type { Architecture } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'
import { readTensor, scalarOf, type TensorFile } from '../../store/tensor-file.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN, type Claims } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { sizesOf, slotsNamed, type Found, type Slot } from './found.ts'
import { hookOf } from './hook-spelling.ts'
import { above, fileNamed, pathOf, sibling, type SaeFiles } from './source.ts'

// saprmarks/dictionary_learning: ae.pt (a state_dict) + config.json, whose trainer.dict_class says which of its classes
// the tensors are of. nn.Linear keeps [out, in], so both of its matrices are the other way round from SAELens'.

const Config = z.looseObject({
  trainer: z.looseObject({
    dict_class: maybe(z.string()),
    k: maybe(z.number()),
    layer: maybe(z.union([z.number(), z.string()])),
    lm_name: maybe(z.string()),
    submodule_name: maybe(z.string()),
    norm_factor: maybe(z.number()),
  }),
  buffer: maybe(z.looseObject({ ctx_len: maybe(z.int()) })),
})
type Config = z.infer<typeof Config>

interface DictionaryClass {
  architecture: Architecture
  names: Partial<Record<Slot, string>>
  /** nn.Linear, or parameters of SAELens' shapes. */
  linear: boolean
  subtractsBDec: boolean
}
const linear = (
  architecture: Architecture,
  b_dec: string,
  subtractsBDec = true,
  more = {},
): DictionaryClass => ({
  architecture,
  names: { W_enc: 'encoder.weight', b_enc: 'encoder.bias', W_dec: 'decoder.weight', b_dec, ...more },
  linear: true,
  subtractsBDec,
})
const parameters = (architecture: Architecture, subtractsBDec: boolean): DictionaryClass => ({
  architecture,
  names: { W_enc: 'W_enc', b_enc: 'b_enc', W_dec: 'W_dec', b_dec: 'b_dec', threshold: 'threshold' },
  linear: false,
  subtractsBDec,
})

/** dictionary.py and trainers/*.py, one line a class. */
const CLASSES: Readonly<Record<string, DictionaryClass>> = {
  AutoEncoder: linear('standard', 'bias'),
  AutoEncoderNew: linear('standard', 'decoder.bias', false),
  GatedAutoEncoder: {
    ...linear('gated', 'decoder_bias'),
    names: {
      W_enc: 'encoder.weight',
      b_gate: 'gate_bias',
      b_mag: 'mag_bias',
      r_mag: 'r_mag',
      W_dec: 'decoder.weight',
      b_dec: 'decoder_bias',
    },
  },
  AutoEncoderTopK: linear('topk', 'b_dec'),
  BatchTopKSAE: linear('batchtopk', 'b_dec', true, { threshold: 'threshold' }),
  MatryoshkaBatchTopKSAE: parameters('matryoshka', true),
  JumpReluAutoEncoder: parameters('jumprelu', false),
}

/** The class that only its tensors tell, where no configuration does. */
function classByTensors({ tensors }: TensorFile): string | null {
  const has = (name: string): boolean => tensors.has(name)
  if (has('group_sizes')) return 'MatryoshkaBatchTopKSAE'
  if (!has('encoder.weight')) return null
  if (has('r_mag')) return 'GatedAutoEncoder'
  if (has('bias')) return 'AutoEncoder'
  if (has('k') && has('b_dec')) return 'BatchTopKSAE'
  return null
}

/** The SAE of a folder with config.json and ae.pt (or ae.safetensors). */
export function findDictionaryLearningFolder(files: SaeFiles, folder: string): Found | null {
  const name = fileNamed(files, folder, ['ae.pt', 'ae.safetensors'])
  return name === null ? null : findDictionaryLearningFile(files, name)
}

/** The SAE of one file of a run: ae.pt, or checkpoints/ae_1000.pt with the run's config.json above it. */
export function findDictionaryLearningFile(files: SaeFiles, name: string): Found | null {
  const config = configFor(files, name)
  if (config === undefined && !/(^|\/)ae(_\d+)?\.(pt|safetensors)$/.test(name)) return null
  const file = files.tensors(name)
  const className = config?.trainer.dict_class ?? classByTensors(file)
  if (className === null) return null
  if (!Object.hasOwn(CLASSES, className))
    throw problem(
      'unsupported',
      pathOf(files, name),
      `its dict_class is "${className}"`,
      `Those that can be read are: ${Object.keys(CLASSES).join(', ')}.`,
    )
  const said = config?.trainer.dict_class !== undefined
  return foundOf(files, name, file, CLASSES[className], config, said)
}

function configFor(files: SaeFiles, name: string): Config | undefined {
  const path = [sibling(name, 'config.json'), above(name, 'config.json')].find((path) => files.has(path))
  if (path === undefined) return undefined
  const json = files.json(path)
  // Many releases have a config.json; ours says how it was trained.
  if (json === null || typeof json !== 'object' || !('trainer' in json)) return undefined
  return parseConfig(Config, json, pathOf(files, path))
}

function foundOf(
  files: SaeFiles,
  name: string,
  file: TensorFile,
  kind: DictionaryClass,
  config: Config | undefined,
  classSaid: boolean,
): Found {
  const W_enc = kind.linear ? 'rows are features' : 'columns are features'
  const W_dec = kind.linear ? 'columns are features' : 'rows are features'
  const decided = classSaid ? byDefault : guess
  const found: Found = {
    format: 'dictionary-learning',
    path: pathOf(files, name),
    ...sizesOf(file, kind.names.W_enc ?? '', W_enc),
    slots: slotsNamed(file, kind.names),
    claims: {
      ...PLAIN,
      ...modelSide(config, name),
      architecture: (classSaid ? fromFile : guess)(kind.architecture),
      W_enc: decided(W_enc),
      W_dec: decided(W_dec),
      b_dec: decided(kind.subtractsBDec ? 'subtracted from the input' : 'not subtracted'),
    },
    warnings: [],
    metadata: {},
  }
  addSparsity(found, file, config)
  return found
}

function modelSide(config: Config | undefined, name: string): Pick<Claims, 'hook' | 'model' | 'context'> {
  const { layer, submodule_name: submodule, lm_name: model } = config?.trainer ?? {}
  const spelled = hookOf(submodule ?? '') ?? hookFrom(layer, submodule)
  return {
    hook: spelled === null ? byDefault(null) : guess(spelled),
    model: fromFileOrUnknown(model ?? null),
    context: fromFileOrUnknown(config?.buffer?.ctx_len ?? null),
    ...(spelled === null && hookOf(name) !== null && { hook: guess(hookOf(name)) }),
  }
}

/** "resid_post_layer_8", "mlp_out_layer_3", "attn_out…", or a layer alone, which is its output. */
function hookFrom(layer: number | string | undefined, submodule = ''): string | null {
  const number = /layer_?(\d+)/.exec(submodule)?.[1] ?? layer
  if (number === undefined || !/^\d+$/.test(String(number))) return null
  if (/mlp/.test(submodule)) return `blocks.${number}.hook_mlp_out`
  if (/att/.test(submodule)) return `blocks.${number}.hook_attn_out`
  return `blocks.${number}.hook_resid_post`
}

/** k, the nested sizes, and the threshold, which is −1 until training has set it. */
function addSparsity(found: Found, file: TensorFile, config: Config | undefined): void {
  const { claims, slots } = found
  const kind = claims.architecture.value
  if (kind !== 'topk' && kind !== 'batchtopk' && kind !== 'matryoshka') return
  const k = scalarOf(file, 'k') ?? config?.trainer.k
  if (k !== undefined) claims.k = fromFile(k)
  if (kind === 'matryoshka' && file.tensors.has('group_sizes') && !file.headerOnly) {
    let end = 0
    found.prefixes = [...readTensor(file, 'group_sizes')].map((size) => (end += size))
  }
  const threshold = scalarOf(file, 'threshold')
  if (kind === 'topk' || (threshold !== undefined && threshold >= 0)) return
  delete slots.threshold
  claims.architecture = guess('topk')
  found.warnings.push(
    'Its threshold was never set in training (-1): the k largest of each token are kept, where dictionary_learning would keep all.',
  )
}
