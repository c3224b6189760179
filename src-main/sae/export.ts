import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { assertNever } from '#contract/assert-never.ts'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { Folding, SaeExportFormat, type Sae } from '#contract/sae.ts'
import { f32Tensor, writeSafetensors } from '../store/safetensors.ts'
import { LabelStore } from '../store/labels.ts'
import { writeNpz } from '../store/npz-writer.ts'
import type { Workspace } from '../store/workspace.ts'
import { foldDecoderBias, foldDecoderNorm } from './folding.ts'
import { writeDictionaryLearning } from './formats/dictionary-learning-writer.ts'
import { neuronpediaPlace, writeNeuronpediaVectors } from './formats/neuronpedia-vectors.ts'
import { CFG, readSaelensFolder, WEIGHTS } from './formats/saelens.ts'
import { writeSaelensFolder } from './formats/saelens-writer.ts'
import { loadSae } from './load.ts'
import type { SaeWeights } from './weights.ts'

export const ExportParams = z.object({
  id: SaeId,
  to: z.string(),
  format: SaeExportFormat,
  fold: z.array(Folding),
})
export type ExportParams = z.infer<typeof ExportParams>

/** Formats that are written from the weights alone; pages come from a feature index (features/neuronpedia-pages.ts). */
type WeightFormat = Exclude<SaeExportFormat, 'neuronpedia-pages'>

/** What each format writes; checked before anything is written. */
const FILES: Readonly<Record<SaeExportFormat, readonly string[]>> = {
  saelens: [CFG, WEIGHTS],
  'dictionary-learning': ['ae.pt', 'ae.safetensors', 'config.json'],
  'decoder-safetensors': ['decoder.safetensors'],
  'decoder-npz': ['decoder.npz'],
  'neuronpedia-vectors': ['vectors.json'],
  'neuronpedia-pages': ['features', 'activations', 'explanations'],
}

function folded(weights: SaeWeights, fold: readonly Folding[]): SaeWeights {
  let out = weights
  if (fold.includes('decoder-norm')) out = foldDecoderNorm(out).weights
  if (fold.includes('b-dec')) out = foldDecoderBias(out)
  return out
}

function write(
  workspace: Workspace,
  sae: Sae,
  weights: SaeWeights,
  folder: string,
  format: WeightFormat,
): void {
  const { dIn, dSae, decoder } = weights
  switch (format) {
    case 'saelens':
      return writeSaelensFolder(
        folder,
        weights,
        readSaelensFolder(workspace.saeFolder(sae.id)).found.metadata,
      )
    case 'dictionary-learning':
      return void writeDictionaryLearning(folder, weights, {
        lm_name: sae.modelName,
        submodule_name: sae.hookName,
      })
    case 'decoder-safetensors':
      return writeSafetensors(
        join(folder, 'decoder.safetensors'),
        { W_dec: f32Tensor([dSae, dIn], decoder) },
        { model_name: sae.modelName ?? '', hook_name: sae.hookName ?? '' },
      )
    case 'decoder-npz':
      return writeNpz(join(folder, 'decoder.npz'), { W_dec: { shape: [dSae, dIn], values: decoder } })
    case 'neuronpedia-vectors': {
      const labels = new Map(
        new LabelStore(workspace.db).list(sae.id).map(({ feature, label }) => [feature, label]),
      )
      const place = neuronpediaPlace(sae)
      return writeNeuronpediaVectors(join(folder, 'vectors.json'), weights, place, (j) => labels.get(j) ?? '')
    }
    default:
      return assertNever(format)
  }
}

/** Refuses to write over files that are there. */
export function checkExport(workspace: Workspace, { id, to, format }: ExportParams): void {
  workspace.saes.get(id)
  const there = FILES[format].find((name) => existsSync(join(resolve(to), name)))
  if (there)
    throw problem(
      'conflict',
      to,
      `this folder already has a ${there}`,
      'Choose another folder, or remove the file.',
    )
}

/** Writes an SAE of the workspace for other programs. @throws Problem when it cannot be said in that format. */
export function exportSae(
  workspace: Workspace,
  params: ExportParams & { format: WeightFormat },
): { folder: string; files: string[] } {
  checkExport(workspace, params)
  const folder = resolve(params.to)
  const { sae, weights } = loadSae(workspace, params.id)
  const out = folded(weights, params.fold)
  mkdirSync(folder, { recursive: true })
  write(workspace, sae, out, folder, params.format)
  return { folder, files: [...FILES[params.format]] }
}
