import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { ActivationDtype, ActivationSet } from '#contract/activation-set.ts'
import { ActivationSetId, CorpusId, ModelId } from '#contract/ids.ts'
import type { ModelDevice } from '#contract/model.ts'
import {
  addContextOptions,
  contextRequest,
  deviceOption,
  whyElsewhere,
  wholeNumber,
  type ContextFlags,
} from './context-options.ts'
import { idOf } from './jobs.ts'
import type { RunCommand } from './output.ts'

const count = (n: number): string => n.toLocaleString('en')

const line = (set: ActivationSet): string =>
  [
    set.id,
    set.hookName.padEnd(28),
    `${count(set.tokens).padStart(12)} × ${set.dIn} ${set.dtype}`,
    set.complete ? '' : 'not complete',
    set.name,
  ].join('  ')

const dtypeOption = (): Option =>
  new Option('--dtype <type>', 'how each value is stored').choices(['f32', 'f16']).default('f32')

interface HarvestFlags extends ContextFlags {
  model: string
  corpus: string
  hook: string[]
  tokens: number
  dtype: ActivationDtype
  device: ModelDevice
  name?: string
  estimate?: boolean
}

const harvestRequest = (flags: HarvestFlags) => ({
  modelId: idOf(ModelId, flags.model, 'model'),
  corpusId: idOf(CorpusId, flags.corpus, 'corpus'),
  hookNames: flags.hook,
  tokens: flags.tokens,
  dtype: flags.dtype,
  device: flags.device,
  name: flags.name,
  ...contextRequest(flags),
})

function registerHarvest(program: Command, run: RunCommand): void {
  const command = program
    .command('harvest')
    .description('run a model over a corpus and keep its activations at one or more hook points')
    .requiredOption('--model <id>', 'the model')
    .requiredOption('--corpus <id>', 'the corpus')
    .requiredOption(
      '--hook <name>',
      'a hook point, e.g. blocks.2.hook_resid_pre; again for more in the same pass',
      (name: string, before: string[] = []) => [...before, name],
    )
    .requiredOption('--tokens <n>', 'how many tokens, rounded up to whole rows', wholeNumber)
    .addOption(dtypeOption())
    .addOption(deviceOption())
    .option('--name <name>', 'what to call it (default: the corpus and the hook point)')
    .option('--estimate', 'only say what it would take on disk')
  addContextOptions(command).action((flags: HarvestFlags, command: Command) =>
    run(command, async ({ client, print, follow }) => {
      const request = harvestRequest(flags)
      if (flags.estimate) {
        const size = await client.activations.estimate(request)
        return print(size, `${count(size.bytes)} bytes would be written, ${count(size.freeBytes)} are free.`)
      }
      const { job, ids } = await client.activations.harvest(request)
      const { result } = await follow(job)
      const sets = await Promise.all(ids.map((id) => client.activations.get({ id })))
      print({ id: ids[0], ids, job, ...result, sets }, () =>
        [
          ...sets.map(line),
          ...(typeof result?.['note'] === 'string' ? [result['note']] : []),
          ...whyElsewhere(flags.device, result ?? {}),
        ].join('\n'),
      )
    }),
  )
}

interface ImportFlags {
  tensor?: string
  ids?: string
  idsFile?: string
  model?: string
  hook: string
  context?: number
  dtype: ActivationDtype
  name?: string
}

function registerImport(activations: Command, run: RunCommand): void {
  activations
    .command('import <file>')
    .description(
      'activations made elsewhere: a tensor [T, d] or [rows, context, d] of a safetensors or .npy file',
    )
    .option('--tensor <name>', 'the tensor (default: the only one of two or three dimensions)')
    .option('--ids <name>', 'the integer tensor of their token ids, [T] or [rows, context], in the same file')
    .option('--ids-file <file>', 'a file of token ids (.npy, or safetensors with --ids)')
    .option('--model <id>', 'the model they were taken from')
    .requiredOption('--hook <name>', 'the hook point they were taken at')
    .option('--context <n>', 'tokens in a row, where shapes do not say', wholeNumber)
    .addOption(dtypeOption())
    .option('--name <name>', "what to call it (default: the file's name)")
    .action((file: string, flags: ImportFlags, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const { job, id } = await client.activations.importFile({
          file: resolve(file),
          tensor: flags.tensor,
          idsTensor: flags.ids,
          idsFile: flags.idsFile && resolve(flags.idsFile),
          modelId: flags.model === undefined ? undefined : idOf(ModelId, flags.model, 'model'),
          hookName: flags.hook,
          contextSize: flags.context,
          dtype: flags.dtype,
          name: flags.name,
        })
        const { result } = await follow(job)
        const set = await client.activations.get({ id })
        print({ ...set, job, ...result }, () => line(set))
      }),
    )
}

function registerExport(activations: Command, run: RunCommand): void {
  activations
    .command('export <id>')
    .description('a safetensors file with "activations" [T, d] and "ids" [rows, context]')
    .requiredOption('--to <file>', 'the file to write')
    .option('--overwrite', 'also where the file exists')
    .action((id: string, flags: { to: string; overwrite?: boolean }, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const { job } = await client.activations.exportFile({
          id: idOf(ActivationSetId, id, 'activation set'),
          to: resolve(flags.to),
          overwrite: flags.overwrite,
        })
        const { result } = await follow(job)
        print(
          { ...result, job },
          () => `Wrote ${count(Number(result?.['bytes']))} bytes to ${String(result?.['file'])}.`,
        )
      }),
    )
}

export function registerActivations(program: Command, run: RunCommand): void {
  registerHarvest(program, run)
  const activations = program.command('activations').description('activation sets')
  registerImport(activations, run)
  registerExport(activations, run)

  activations
    .command('list')
    .description('the activation sets of this workspace')
    .action((_options, command: Command) =>
      run(command, async ({ client, print }) => {
        const list = await client.activations.list({})
        print(list, () => (list.length === 0 ? 'No activation sets.' : list.map(line).join('\n')))
      }),
    )

  activations
    .command('verify <id>')
    .description('read a whole set and compare every chunk with its checksum')
    .action((id: string, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const which = idOf(ActivationSetId, id, 'activation set')
        const verified = await client.activations.verify({ id: which })
        print(
          { id: which, ...verified },
          () => `All ${count(verified.chunks)} chunks are as they were written.`,
        )
      }),
    )
}
