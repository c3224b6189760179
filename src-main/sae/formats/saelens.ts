import { z } from 'zod'
import { Architecture } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'
import type { TensorFile } from '../../store/tensor-file.ts'
import type { Normalisation, SaeWeights } from '../weights.ts'
import { canonicalWeights } from './canonical.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN, type Claim, type Claims } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import type { Found, Slot, SlotValues } from './found.ts'
import { fileNamed, folderFiles, pathOf, type SaeFiles } from './source.ts'

// SAELens: cfg.json + sae_weights.safetensors. Version 6 nests what concerns the model under "metadata"; before it the
// file was flat and used other names (SAELens, loading/pretrained_sae_loaders.py, handle_pre_6_0_config).

export const CFG = 'cfg.json'
export const WEIGHTS = 'sae_weights.safetensors'

const Cfg = z.looseObject({
  d_in: z.int().min(1),
  d_sae: maybe(z.int().min(1)),
  architecture: maybe(z.string()),
  apply_b_dec_to_input: maybe(z.boolean()),
  normalize_activations: maybe(z.union([z.string(), z.boolean()])),
  activation_normalization_factor: maybe(z.number()),
  k: maybe(z.number()),
  rescale_acts_by_decoder_norm: maybe(z.boolean()),
  activation_fn: maybe(z.string()),
  activation_fn_str: maybe(z.string()),
  activation_fn_kwargs: maybe(z.looseObject({ k: maybe(z.number()) })),
  finetuning_scaling_factor: maybe(z.boolean()),
  matryoshka_widths: maybe(z.array(z.int())),
  metadata: maybe(z.looseObject({})),
})
type Cfg = z.infer<typeof Cfg>

/** What SAELens has no word for, kept under metadata.suture so that our own round trip is exact. */
export const SutureMetadata = z.object({
  architecture: Architecture,
  k: z.number().optional(),
  prefixes: z.array(z.int()).optional(),
})

/** The old flat names, and the v6 ones. */
const ModelSide = z.looseObject({
  model_name: maybe(z.string()),
  hook_name: maybe(z.string()),
  hook_point: maybe(z.string()),
  prepend_bos: maybe(z.boolean()),
  context_size: maybe(z.int()),
  sae_lens_version: maybe(z.string()),
  model_from_pretrained_kwargs: maybe(z.looseObject({ center_writing_weights: maybe(z.boolean()) })),
  suture: maybe(SutureMetadata),
})
type ModelSide = z.infer<typeof ModelSide>

/** The SAE in a SAELens folder, or null when the folder is not one. */
export function findSaelens(files: SaeFiles, folder: string): Found | null {
  const cfgName = fileNamed(files, folder, [CFG])
  const weightsName = fileNamed(files, folder, [WEIGHTS])
  if (cfgName === null || weightsName === null) return null
  const path = pathOf(files, folder)
  const cfg = parseConfig(Cfg, files.json(cfgName), pathOf(files, cfgName))
  // Version 6 nests what concerns the model; before it stood beside the dimensions.
  const model = parseConfig(ModelSide, cfg.metadata ?? cfg, pathOf(files, cfgName))
  const tensors = files.tensors(weightsName)
  const prefixes = model.suture?.prefixes ?? cfg.matryoshka_widths
  const claims = { ...claimsOf(cfg, model, path), ...architectureOf(cfg, model, path) }
  return {
    format: 'saelens',
    path,
    dIn: cfg.d_in,
    dSae: cfg.d_sae ?? tensors.tensors.get('W_dec')?.shape[0] ?? 0,
    slots: slotsOf(tensors, cfg, path),
    claims,
    warnings: warningsOf(claims),
    metadata: cfg.metadata ?? oldMetadata(cfg),
    ...(prefixes && { prefixes }),
  }
}

/** What an old flat file says of the model side, under v6's names. */
function oldMetadata(cfg: Cfg): Record<string, unknown> {
  const kept = [
    'context_size',
    'prepend_bos',
    'dataset_path',
    'neuronpedia_id',
    'model_from_pretrained_kwargs',
    'hook_head_index',
  ]
  return Object.fromEntries(kept.filter((key) => key in cfg).map((key) => [key, cfg[key]]))
}

function warningsOf({ normalisation }: Claims): string[] {
  return normalisation.value === 'expected_average_only_in'
    ? [
        'Its inputs were scaled to norm √d on average by a factor that the file does not hold: set "scale" to √d / mean norm.',
      ]
    : []
}

const KNOWN: Readonly<Record<string, Architecture>> = {
  standard: 'standard',
  topk: 'topk',
  jumprelu: 'jumprelu',
  gated: 'gated',
  batchtopk: 'batchtopk',
  matryoshka_batchtopk: 'matryoshka',
}

function architectureOf(cfg: Cfg, model: ModelSide, path: string): Pick<Claims, 'architecture' | 'k'> {
  if (model.suture)
    return {
      architecture: fromFile(model.suture.architecture),
      ...(model.suture.k !== undefined && { k: fromFile(model.suture.k) }),
    }
  const k = cfg.k ?? cfg.activation_fn_kwargs?.k
  const named = cfg.architecture ?? 'standard'
  // Before there was a name for it, TopK was a standard SAE with another activation function.
  if (named === 'standard' && (cfg.activation_fn ?? cfg.activation_fn_str) === 'topk')
    return { architecture: fromFile('topk'), k: k === undefined ? byDefault(100) : fromFile(k) }
  if (!Object.hasOwn(KNOWN, named))
    throw problem(
      'unsupported',
      path,
      `its architecture is "${named}"`,
      `Those that can be read are: ${Object.keys(KNOWN).join(', ')}.`,
    )
  const architecture: Claim<Architecture> = cfg.architecture
    ? fromFile(KNOWN[named])
    : byDefault(KNOWN[named])
  if (architecture.value !== 'topk' && k === undefined) return { architecture }
  return { architecture, k: k === undefined ? byDefault(100) : fromFile(k) }
}

function normalisationOf(cfg: Cfg, path: string): Pick<Claims, 'normalisation' | 'scale'> {
  const said = cfg.normalize_activations
  const one = byDefault(1)
  if (said === undefined || said === false)
    return { normalisation: (said === undefined ? byDefault : fromFile)('none'), scale: one }
  if (said === true) return { normalisation: fromFile('expected_average_only_in'), scale: one }
  if (said === 'constant_scalar_rescale')
    return { normalisation: fromFile('none'), scale: fromFile(cfg.activation_normalization_factor ?? 1) }
  const known: readonly Normalisation[] = [
    'none',
    'layer_norm',
    'constant_norm_rescale',
    'expected_average_only_in',
  ]
  const found = known.find((name) => name === said)
  if (!found)
    throw problem(
      'unsupported',
      path,
      `its normalize_activations is "${said}"`,
      `Known are: ${known.join(', ')}.`,
    )
  return { normalisation: fromFile(found), scale: one }
}

/** SAEs of this model were trained on TransformerLens' processed weights before the files said so (SAELens issue 279). */
const OLD_CENTRED = 'gpt2-small'

function centringOf(cfg: Cfg, model: ModelSide): Claims['centring'] {
  const said = model.model_from_pretrained_kwargs?.center_writing_weights
  if (said !== undefined) return fromFile(said ? 'activations centred' : 'none')
  const hook = model.hook_name ?? model.hook_point ?? ''
  const old = cfg.metadata === undefined && model.sae_lens_version === undefined
  return old && model.model_name === OLD_CENTRED && hook.includes('hook_resid')
    ? guess('activations centred')
    : byDefault('none')
}

function claimsOf(cfg: Cfg, model: ModelSide, path: string): Omit<Claims, 'architecture' | 'k'> {
  const { apply_b_dec_to_input: subtracts, rescale_acts_by_decoder_norm: rescales } = cfg
  const bos = model.prepend_bos
  return {
    ...PLAIN,
    ...(subtracts !== undefined && {
      b_dec: fromFile(subtracts ? 'subtracted from the input' : 'not subtracted'),
    }),
    ...normalisationOf(cfg, path),
    ...(rescales && { rescale: fromFile('by decoder norm') }),
    // The codes are the scaled ones: folding changes neither them nor what they are chosen by.
    ...(rescales && !model.suture && { folding: byDefault('decoder norm') }),
    centring: centringOf(cfg, model),
    hook: fromFileOrUnknown(model.hook_name ?? model.hook_point),
    model: fromFileOrUnknown(model.model_name),
    bos: bos === undefined ? byDefault('prepended') : fromFile(bos ? 'prepended' : 'not prepended'),
    context: fromFileOrUnknown(model.context_size),
  }
}

function slotsOf(file: TensorFile, cfg: Cfg, path: string): Found['slots'] {
  if (file.tensors.has('W_skip') || cfg.architecture?.includes('transcoder'))
    throw problem(
      'unsupported',
      path,
      'it is a transcoder: it reads one hook point and writes another',
      'Suture works with SAEs.',
    )
  const slots: Partial<Record<Slot, SlotValues>> = {}
  const take = (slot: Slot, name: string = slot, exp = false): void => {
    if (file.tensors.has(name)) slots[slot] = { file, name, exp }
  }
  for (const slot of ['W_enc', 'b_enc', 'W_dec', 'b_dec', 'b_gate', 'b_mag', 'r_mag'] as const) take(slot)
  // Training checkpoints keep thresholds under the names of their trainers.
  take('threshold', 'topk_threshold')
  take('threshold', 'log_threshold', true)
  take('threshold')
  if (cfg.finetuning_scaling_factor || !isOnes(file, 'scaling_factor')) take('scaling_factor')
  if (slots.scaling_factor && !cfg.finetuning_scaling_factor)
    throw problem(
      'bad-file',
      path,
      'it holds a scaling_factor that is not 1 everywhere, and its configuration does not say finetuning_scaling_factor',
      'Set "finetuning_scaling_factor": true in cfg.json if its codes are to be multiplied by it.',
    )
  return slots
}

/** A period of SAELens wrote a scaling_factor of ones into every file. */
function isOnes(file: TensorFile, name: string): boolean {
  if (!file.tensors.has(name) || file.headerOnly) return true
  for (const run of file.rows(name)) if (!run.every((v) => Math.abs(v - 1) < 1e-5)) return false
  return true
}

/** Reads a SAELens folder, with everything it says of itself. @throws Problem when it is not one. */
export function readSaelensFolder(path: string): { weights: SaeWeights; found: Found } {
  const found = findSaelens(folderFiles(path), '')
  if (!found)
    throw problem('not-found', path, `this folder has no ${CFG} and ${WEIGHTS}`, 'Choose a SAELens folder.')
  return { weights: canonicalWeights(found), found }
}
