import { problem } from '#contract/problem.ts'
import type { Architecture, FamilyDefinition } from '../architecture.ts'
import type { Checkpoint } from '../checkpoint.ts'
import type { Config } from '../config.ts'
import { gptNeox } from './gpt-neox.ts'
import { gpt2 } from './gpt2.ts'
import { llama } from './llama.ts'

/** Adding a family is one file and one entry here. */
const families: readonly FamilyDefinition[] = [llama, gpt2, gptNeox]

/** The family of a config.json. @throws Problem for an unknown one, about `subject` */
export function familyOf(config: Config, subject: string): FamilyDefinition {
  const type = config['model_type']
  const family = families.find(({ modelTypes }) => modelTypes.includes(String(type)))
  if (family) return family
  const known = families.flatMap(({ modelTypes }) => modelTypes).join(', ')
  throw problem(
    'unsupported',
    subject,
    type === undefined
      ? 'its config.json has no "model_type"'
      : `its architecture "${String(type)}" is not implemented (${known} are)`,
  )
}

/** The model that a config.json describes. @throws Problem for an unknown or unsupported one. */
export function architectureOf(config: Config, checkpoint: Checkpoint): Architecture {
  const { folder } = checkpoint
  return familyOf(config, folder).read(config, { folder, has: (name) => checkpoint.has(name) })
}
