import type { Architecture } from '#contract/sae.ts'
import type { TensorFile } from '../../store/tensor-file.ts'
import { guess, PLAIN } from './claims.ts'
import { sizesOf, slotsNamed, type Found, type Slot } from './found.ts'
import { hookOf } from './hook-spelling.ts'
import { fullPath, pathOf, type SaeFiles } from './source.ts'

// Tensors under SAELens' names in a .pt, .npz or .safetensors that nothing stands beside: all is guessed, and said so.

const SLOTS: readonly Slot[] = ['W_enc', 'b_enc', 'W_dec', 'b_dec', 'threshold', 'b_gate', 'b_mag', 'r_mag']

export function findBare(files: SaeFiles, name: string): Found | null {
  const file = files.tensors(name)
  const names = Object.fromEntries(
    SLOTS.map((slot) => [slot, file.tensors.has(slot) ? slot : slot.toLowerCase()]),
  )
  if (!file.tensors.has(names['W_enc']) || !file.tensors.has(names['W_dec'])) return null
  const W_enc = layoutOf(file, names['W_enc'], names['b_dec'])
  const sizes = sizesOf(file, names['W_enc'], W_enc)
  const decoder = file.tensors.get(names['W_dec'])?.shape ?? []
  const W_dec = decoder[0] === sizes.dSae ? 'rows are features' : 'columns are features'
  const hook = hookOf(fullPath(files, name).replace(/\.\w+$/, ''))
  const architecture = architectureOf(file)
  return {
    format: 'bare',
    path: pathOf(files, name),
    ...sizes,
    slots: { b_dec: { constant: 0 }, b_enc: { constant: 0 }, ...slotsNamed(file, names) },
    claims: {
      ...PLAIN,
      architecture: guess(architecture),
      W_enc: guess(W_enc),
      W_dec: guess(W_dec),
      b_dec: guess(architecture === 'jumprelu' ? 'not subtracted' : 'subtracted from the input'),
      hook: hook === null ? PLAIN.hook : guess(hook),
    },
    warnings: ['Nothing beside these tensors says what they mean: check every assumption.'],
    metadata: {},
  }
}

/** By b_dec, which has d_in values, where it tells; else there are more features than inputs. */
function layoutOf(
  file: TensorFile,
  W_enc: string,
  b_dec: string,
): 'rows are features' | 'columns are features' {
  const [rows = 0, columns = 0] = file.tensors.get(W_enc)?.shape ?? []
  const dIn = file.tensors.get(b_dec)?.shape[0] ?? Math.min(rows, columns)
  return rows === dIn ? 'columns are features' : 'rows are features'
}

function architectureOf({ tensors }: TensorFile): Architecture {
  if (tensors.has('threshold')) return 'jumprelu'
  return tensors.has('r_mag') && tensors.has('b_mag') ? 'gated' : 'standard'
}
