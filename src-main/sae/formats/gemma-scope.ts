import { byDefault, fromFile, guess, PLAIN, type Claim } from './claims.ts'
import { sizesOf, slotsNamed, type Found, type Slot } from './found.ts'
import { fileNamed, fullPath, pathOf, type SaeFiles } from './source.ts'

// Gemma Scope (Gemma 2): …/layer_L/width_W/average_l0_X/params.npz. Everything but the tensors is in the path; JumpReLU,
// SAELens' shapes, b_dec not subtracted. Some releases spell the matrices w_enc and w_dec.

const SLOTS: readonly Slot[] = ['W_enc', 'b_enc', 'W_dec', 'b_dec', 'threshold']

export function findGemmaScope(files: SaeFiles, folder: string): Found | null {
  const name = fileNamed(files, folder, ['params.npz'])
  if (name === null) return null
  const file = files.tensors(name)
  const spelled = (slot: Slot): string => (file.tensors.has(slot) ? slot : slot.toLowerCase())
  const names = Object.fromEntries(SLOTS.map((slot) => [slot, spelled(slot)]))
  const whole = fullPath(files, folder)
  const sizes = sizesOf(file, names['W_enc'], 'columns are features')
  const embedding = /(^|\/)embedding(\/|$)/.test(whole)
  const slots = slotsNamed(file, names)
  if (embedding) beforeScaling(slots, Math.sqrt(sizes.dIn))
  return {
    format: 'gemma-scope',
    path: pathOf(files, folder),
    ...sizes,
    slots,
    claims: {
      ...PLAIN,
      architecture: file.tensors.has('threshold') ? byDefault('jumprelu') : guess('standard'),
      b_dec: byDefault('not subtracted'),
      hook: hookInPath(whole, embedding),
      model: modelInPath(whole),
      bos: byDefault('prepended'),
      context: byDefault(1024),
    },
    warnings: embedding
      ? ['W_enc is divided and W_dec multiplied by √d, as SAELens does for SAEs of the embedding.']
      : [],
    metadata: { dataset_path: 'monology/pile-uncopyrighted' },
  }
}

/** gemma-scope-2b-pt-res, -mlp, -att; where the path does not say, the residual stream is a guess. */
function hookInPath(path: string, embedding: boolean): Claim<string | null> {
  if (embedding) return fromFile('hook_embed')
  const layer = /layer_(\d+)/.exec(path)?.[1]
  if (layer === undefined) return byDefault(null)
  const site = /gemma-scope-[\w.]+-(?:pt|it)-(res|mlp|att)/.exec(path)?.[1]
  const hooks = { res: 'hook_resid_post', mlp: 'hook_mlp_out', att: 'attn.hook_z' }
  return site === undefined
    ? guess(`blocks.${layer}.hook_resid_post`)
    : fromFile(`blocks.${layer}.${hooks[site as keyof typeof hooks]}`)
}

function modelInPath(path: string): Claim<string | null> {
  const match = /gemma-scope-(\d+b)-(pt|it)/.exec(path)
  return match ? fromFile(`gemma-2-${match[1]}${match[2] === 'it' ? '-it' : ''}`) : byDefault(null)
}

/** Gemma multiplies its embeddings by √d; these SAEs were trained before that (SAELens, gemma_2_sae_huggingface_loader). */
function beforeScaling({ W_enc, W_dec }: Found['slots'], root: number): void {
  if (W_enc && 'file' in W_enc) W_enc.times = 1 / root
  if (W_dec && 'file' in W_dec) W_dec.times = root
}
