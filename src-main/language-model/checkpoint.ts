import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { openSafetensors, type Safetensors, type TensorEntry } from '../store/safetensors.ts'
import type { ExternalBytes, OnnxType } from './onnx-writer.ts'

const TYPES: Partial<Record<TensorEntry['dtype'], OnnxType>> = {
  F32: 'f32',
  F16: 'f16',
  BF16: 'bf16',
  F64: 'f64',
}

export interface TensorSpec {
  name: string
  shape: readonly number[]
}
/** A matrix and, with a bias, a vector of its outputs. */
export const projectionTensors = (
  name: string,
  shape: readonly [number, number],
  bias: number | false,
): TensorSpec[] => [
  { name: `${name}.weight`, shape },
  ...(bias === false ? [] : [{ name: `${name}.bias`, shape: [bias] }]),
]
export const layerNormTensors = (name: string, width: number): TensorSpec[] => [
  { name: `${name}.weight`, shape: [width] },
  { name: `${name}.bias`, shape: [width] },
]
/** What a family expects of a checkpoint. */
export interface Expected {
  tensors: readonly TensorSpec[]
  /** In front of the names of all but the head; checkpoints saved without the head leave it out. */
  prefix: string
  /** Tensors older checkpoints carry that say nothing (causal masks, rotary tables), and a head that is tied anyway. */
  ignored: RegExp
}
interface Stored {
  weights: Safetensors
  entry: TensorEntry
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`
const Index = z.object({ weight_map: z.record(z.string(), z.string()) })

/** The files that the text of a model.safetensors.index.json names. @throws Problem when it is broken */
export function parseShards(text: string, index: string): string[] {
  let parsed: z.infer<typeof Index>
  try {
    parsed = Index.parse(JSON.parse(text))
  } catch {
    throw problem('bad-file', index, 'it is not JSON with a "weight_map" from tensor names to file names')
  }
  const names = [...new Set(Object.values(parsed.weight_map))]
  const outside = names.find((name) => basename(name) !== name)
  if (outside !== undefined)
    throw problem('bad-file', index, `the shard "${outside}" is not a plain file name`)
  return names
}

/** As `parseShards`, of a file. */
export const shardsOf = (index: string): string[] => parseShards(readFileSync(index, 'utf8'), index)

/** The safetensors files of a folder: one, or the shards its index names. */
function weightFiles(folder: string): string[] {
  const single = join(folder, 'model.safetensors')
  const index = join(folder, 'model.safetensors.index.json')
  if (existsSync(single)) return [single]
  if (!existsSync(index)) {
    const pickled = ['pytorch_model.bin', 'pytorch_model.bin.index.json'].find((name) =>
      existsSync(join(folder, name)),
    )
    throw problem(
      pickled ? 'unsupported' : 'not-found',
      folder,
      pickled
        ? `its weights are a Python pickle (${pickled}), which can run code when it is read`
        : 'it has neither model.safetensors nor model.safetensors.index.json',
      pickled ? 'Save the model with safe_serialization=True.' : 'Choose a folder made by save_pretrained.',
    )
  }
  const names = shardsOf(index)
  for (const name of names)
    if (!existsSync(join(folder, name)))
      throw problem(
        'not-found',
        join(folder, name),
        'this shard of the weights is missing',
        'Finish the download.',
      )
  return names.map((name) => join(folder, name))
}

function commonFolder(files: readonly string[]): string {
  const paths = files.map((file) => dirname(file).split(sep))
  const shared = paths[0].findIndex((part, i) => paths.some((path) => path[i] !== part))
  return (shared < 0 ? paths[0] : paths[0].slice(0, shared)).join(sep) || sep
}

/** 16-bit checkpoints up to this size are widened once, for speed; larger ones stay as they are, for memory. */
const WIDENED_ONCE = 256 << 20

/** The tensors of a model folder, by name, where they lie in their files. */
export class Checkpoint {
  readonly folder: string
  /** Whether 16-bit matrices become f32 when a graph is opened, at twice their memory, or anew in each of its runs. */
  readonly isWidenedOnce: boolean
  /** The folder that external data is relative to. */
  readonly root: string
  readonly #stored = new Map<string, Stored>()
  #prefix = ''
  constructor(folder: string, widenedOnce = WIDENED_ONCE) {
    this.folder = folder
    // Links, as in the Hugging Face cache, are followed: the runtime reads no file outside its root.
    const files = weightFiles(folder).map((path) => openSafetensors(realpathSync(path)))
    this.root = commonFolder(files.map(({ file }) => file))
    for (const weights of files)
      for (const [name, entry] of weights.tensors) {
        if (this.#stored.has(name))
          throw problem('bad-file', weights.file, `the tensor "${name}" is in another shard too`)
        this.#stored.set(name, { weights, entry })
      }
    this.isWidenedOnce = this.bytes <= widenedOnce
  }

  get bytes(): number {
    return this.#stored.values().reduce((sum, { entry }) => sum + entry.bytes, 0)
  }

  #nameInFile(name: string): string {
    return this.#stored.has(name) || !name.startsWith(this.#prefix) ? name : name.slice(this.#prefix.length)
  }

  has(name: string): boolean {
    return this.#stored.has(this.#nameInFile(name))
  }

  #get(name: string): Stored {
    const found = this.#stored.get(this.#nameInFile(name))
    if (!found) throw problem('bad-file', this.folder, `the tensor "${name}" is missing from its weights`)
    return found
  }

  /** The element types in use, e.g. "F16" or "BF16, F32". */
  get dtypes(): string {
    return [...new Set(this.#stored.values().map(({ entry }) => entry.dtype))].sort().join(', ')
  }

  /**
   * Holds the files against what the family expects, so that a model that opens is the model that was saved.
   * @returns the number of parameters
   * @throws Problem naming the first tensor that is missing, extra, or of another shape or type
   */
  check({ tensors, prefix, ignored }: Expected): number {
    this.#prefix = prefix
    const extra = new Set(this.#stored.keys())
    let parameters = 0
    for (const { name, shape } of tensors) {
      if (!this.has(name))
        throw problem(
          'bad-file',
          this.folder,
          `the tensor "${name}" is missing; config.json asks for it with shape ${shapeText(shape)}`,
          'The weights and config.json belong to different models, or a shard is missing.',
        )
      const { entry } = this.#get(name)
      if (shapeText(entry.shape) !== shapeText(shape))
        throw problem(
          'bad-file',
          this.folder,
          `the tensor "${name}" has shape ${shapeText(entry.shape)}, config.json asks for ${shapeText(shape)}`,
          'The weights and config.json belong to different models.',
        )
      if (!TYPES[entry.dtype])
        throw problem(
          'unsupported',
          this.folder,
          `the tensor "${name}" has type ${entry.dtype}, not a float of 16 or 32 bits`,
        )
      // A tied head is the embedding once more.
      if (extra.delete(this.#nameInFile(name))) parameters += shape.reduce((n, size) => n * size, 1)
    }
    for (const name of extra) {
      if (ignored.test(name)) continue
      const { shape } = this.#get(name).entry
      throw problem(
        'bad-file',
        this.folder,
        `the tensor "${name}" of shape ${shapeText(shape)} is not part of the model that config.json describes`,
        'The weights and config.json belong to different models.',
      )
    }
    return parameters
  }

  /** Where a tensor's bytes are, for ONNX external data. */
  external(name: string): ExternalBytes & { type: OnnxType; shape: readonly number[] } {
    const { weights, entry } = this.#get(name)
    const type = TYPES[entry.dtype]
    if (!type) throw problem('unsupported', this.folder, `the tensor "${name}" has type ${entry.dtype}`)
    const location = relative(this.root, weights.file).split(sep).join('/')
    return { location, offset: entry.offset, length: entry.bytes, type, shape: entry.shape }
  }

  /** A tensor, or rows [from, to) of it, as float32. */
  read(name: string, from = 0, to?: number): Float32Array<ArrayBuffer> {
    const { weights } = this.#get(name)
    return weights.readF32(this.#nameInFile(name), from, to)
  }
}
