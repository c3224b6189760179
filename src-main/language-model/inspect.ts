import { basename, resolve } from 'node:path'
import type { Model } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import type { Architecture } from './architecture.ts'
import { Checkpoint } from './checkpoint.ts'
import { readConfig } from './config.ts'
import { architectureOf } from './families/index.ts'
import { bosFromConfig, hasTokenizer, openTokenizer } from './tokenizer.ts'
import { hookPoints } from './transformer.ts'

/** Everything about a model that its folder says: what a Model is but for its id, name and history. */
export type ModelFacts = Omit<Model, 'id' | 'name' | 'createdAt' | 'provenance'>

export interface OpenedFolder {
  checkpoint: Checkpoint
  architecture: Architecture
  parameters: number
}

/**
 * Reads config.json and the headers of the weights, and holds one against the other. No weight is read.
 * @param widenedOnce bytes of a 16-bit checkpoint up to which memory is given for speed
 */
export function openFolder(folder: string, widenedOnce?: number): OpenedFolder {
  const config = readConfig(folder)
  const checkpoint = new Checkpoint(folder, widenedOnce)
  const architecture = architectureOf(config, checkpoint)
  return { checkpoint, architecture, parameters: checkpoint.check(architecture.expected) }
}

/**
 * Reads and checks a Hugging Face model folder.
 * @param centerWritingWeights hook points of the residual stream give activations without their mean
 * @throws Problem with the one thing that is wrong with it
 */
export async function inspectFolder(path: string, centerWritingWeights = false): Promise<ModelFacts> {
  const folder = resolve(path)
  const { checkpoint, architecture, parameters } = openFolder(folder)
  if (centerWritingWeights && !architecture.ignoresMean)
    throw problem(
      'unsupported',
      folder,
      `centring would change this model: its ${architecture.family} norms do not subtract the mean of the residual stream`,
      'Add it without centring.',
    )
  const tokenizer = hasTokenizer(folder) ? await openTokenizer(folder) : null
  const bosId = tokenizer ? tokenizer.bosId : bosFromConfig(folder)
  const { family, dModel, layers, heads, vocabSize, contextSize, parallelResidual } = architecture
  return {
    folder,
    family,
    dModel,
    layers,
    heads,
    vocabSize,
    contextSize,
    parallelResidual,
    parameters,
    weightBytes: checkpoint.bytes,
    weightDtype: checkpoint.dtypes,
    hookPoints: hookPoints(architecture),
    centerWritingWeights,
    bosId,
    prependBos: bosId !== null,
    hasTokenizer: tokenizer !== null,
  }
}

/** What to call a model: its id on the hub where the folder is in the Hugging Face cache, else the folder's name. */
export function folderName(path: string): string {
  const folder = resolve(path)
  const cached = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(folder)
  return cached ? cached[1].replace('--', '/') : basename(folder) || 'model'
}
