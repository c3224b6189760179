import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resourcesFolder } from '../places.ts'
import { RECIPE } from './recipe.ts'

export const modelFolder = join(resourcesFolder, 'demo/model')

let known: string | undefined
/**
 * Which Demo workspace this program makes: a digest of the model's weights and tokenizer and of the recipe. Another one
 * means that features, labels and numbers of a Demo workspace made before belong to another model.
 */
export function currentEdition(): string {
  if (known) return known
  const hash = createHash('sha256').update(JSON.stringify(RECIPE))
  for (const name of ['model.safetensors', 'tokenizer.json'])
    hash.update(readFileSync(join(modelFolder, name)))
  return (known = hash.digest('hex').slice(0, 16))
}
