import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { shared } from '../../shared.ts'
import { fixtures } from './model-of.ts'

/** A model, and the file and names of what it is to give. */
export interface WebgpuExample {
  folder: string
  reference: string
  /** Before the names of the rows whose activations and logits are there. */
  prompt: string
  /** Before the names of the rows whose losses are there. */
  slice: string
  /** A hook point from which the losses are to be the same. */
  splice?: string
}

/** Largest absolute differences from the reference, over so many hook points. */
export interface Difference {
  hooks: number
  activations: number
  logits: number
  losses: number
  /** As losses, run on from the hook point with its own activations put in. */
  spliced: number
}

const fixture = (name: string): WebgpuExample => ({
  folder: join(fixtures, name),
  reference: join(fixtures, name, 'reference.safetensors'),
  prompt: '',
  slice: '',
})
const real = (name: string): WebgpuExample => ({
  folder: join(shared, 'models', name),
  reference: join(shared, 'reference', `${name}.safetensors`),
  prompt: 'p0/',
  slice: 'slice/',
})

/** One of each family and of each width of weights; the real one has rows of 256 tokens. */
export const WEBGPU_EXAMPLES: Record<string, WebgpuExample> = {
  'gpt2-hub': { ...fixture('gpt2-hub'), splice: 'blocks.1.hook_resid_pre' },
  'neox-parallel': fixture('neox-parallel'),
  mistral: fixture('mistral'),
  ...(existsSync(shared) && { stories260K: real('stories260K') }),
}
