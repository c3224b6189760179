import type { Command } from 'commander'
import { resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { ModelId, SaeId, type JobId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import {
  Folding,
  SaeExportFormat,
  SaeFormatName,
  type CatalogueRelease,
  type FoundSae,
  type Sae,
  type SaeFindings,
  type SaeMetrics,
} from '#contract/sae.ts'
import { idOf } from './jobs.ts'
import type { RunCommand, Session } from './output.ts'

const count = (n: number): string => n.toLocaleString('en')

const line = (sae: Sae): string =>
  [
    sae.id,
    sae.architecture.padEnd(10),
    `${count(sae.dSae).padStart(8)} × ${sae.dIn}`,
    (sae.hookName ?? '–').padEnd(26),
    sae.metrics ? `L0 ${sae.metrics.l0.toFixed(1)}, EV ${sae.metrics.explainedVariance.toFixed(3)}` : '',
    sae.complete ? '' : 'not complete',
    sae.name,
  ].join('  ')

const metricsLine = ({ l0, explainedVariance, mse, tokens, skippedPosition0 }: SaeMetrics): string =>
  `On ${count(tokens)} tokens${skippedPosition0 ? ' (without position 0)' : ''}: L0 ${l0.toFixed(1)}, explained variance ${explainedVariance.toFixed(3)}, MSE ${mse.toPrecision(4)} (sum over d).`

const assumptionLines = (assumptions: Sae['assumptions']): string[] =>
  assumptions.map(({ about, value, from }) => `  ${about.padEnd(16)} ${value.padEnd(32)} ${from}`)

const described = (found: FoundSae): string =>
  [
    `${found.path}`,
    `  ${found.format}: ${found.architecture}, ${count(found.dSae)} features of ${found.dIn} values`,
    ...found.tensors.map(
      ({ name, dtype, shape }) => `  ${name.padEnd(28)} ${dtype.padEnd(14)} [${shape.join(', ')}]`,
    ),
    '  Assumptions (change one with --set about=value):',
    ...assumptionLines(found.assumptions),
    ...found.warnings.map((warning) => `  ! ${warning}`),
  ].join('\n')

const findingsLines = ({ found, broken, unread, more }: SaeFindings): string =>
  [
    ...found.map(described),
    ...unread.map(
      ({ path, bytes }) => `${path}\n  ${count(bytes)} bytes; what is in it is known after download.`,
    ),
    ...broken.map(({ path, problem: { message } }) => `${path}\n  cannot be imported: ${message}`),
    ...(more ? ['There is more here than was looked at.'] : []),
    ...(found.length + broken.length + unread.length === 0 ? ['No SAE was found here.'] : []),
  ].join('\n')

/** "about=value" pairs, as often as wanted. */
function collectSet(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1)
    throw problem(
      'bad-input',
      '--set',
      `"${text}" is not about=value`,
      'For example: --set "b_dec=not subtracted".',
    )
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() }
}
/** A path on this machine as it is from anywhere; an address on the hub as it was typed. */
const pathOrAddress = (text: string): string => (existsSync(text) ? resolve(text) : text)

/** A value of an enumeration, or a Problem naming what there is. */
function choice<T extends string>(options: readonly T[], what: string) {
  return (text: string): T => {
    const found = options.find((option) => option === text)
    if (found === undefined)
      throw problem('bad-input', what, `"${text}" was given`, `It can be: ${options.join(', ')}.`)
    return found
  }
}

interface ReadFlags {
  as?: SaeFormatName
  set?: Record<string, string>
}
const withReadOptions = (command: Command): Command =>
  command
    .option(
      '--as <format>',
      `read it as: ${SaeFormatName.options.join(', ')}`,
      choice(SaeFormatName.options, '--as'),
    )
    .option('--set <about=value>', 'change an assumption; again for more', collectSet)

function registerInspect(saes: Command, run: RunCommand): void {
  withReadOptions(saes.command('inspect <path>'))
    .description(
      'the SAEs in a file, a folder or a hub repository (org/name/sub/folder): shapes, assumptions; reads no weights',
    )
    .action((path: string, flags: ReadFlags, command: Command) =>
      run(command, async ({ client, print }) => {
        const findings = await client.saes.inspect({
          path: pathOrAddress(path),
          format: flags.as,
          set: flags.set,
        })
        print(findings, () => findingsLines(findings))
      }),
    )
}

interface ImportFlags extends ReadFlags {
  model?: string
  name?: string
  all?: boolean
}

/** What an import has to say: the SAE, what was assumed, what was measured, what is odd. */
const importedLines = (sae: Sae): string =>
  [
    line(sae),
    'Assumptions:',
    ...assumptionLines(sae.assumptions),
    sae.metrics
      ? metricsLine(sae.metrics)
      : 'Not checked: the workspace has no activations of this hook point.',
    ...(sae.warnings ?? []).map((warning) => `! ${warning}`),
  ].join('\n')

async function importOne(
  { client, follow }: Session,
  path: string,
  flags: ImportFlags,
): Promise<Sae & { job: JobId }> {
  const { job, id } = await client.saes.importFolder({
    path,
    name: flags.name,
    modelId: flags.model === undefined ? undefined : idOf(ModelId, flags.model, 'model'),
    format: flags.as,
    set: flags.set,
  })
  await follow(job)
  return { ...(await client.saes.get({ id })), job }
}

function registerImport(saes: Command, run: RunCommand): void {
  withReadOptions(saes.command('import <path>'))
    .description(
      'copy an SAE into the workspace: a folder, a file, or an address on the hub (org/name/sub/folder)',
    )
    .option('--model <id>', 'the model of this workspace that it belongs to')
    .option('--name <name>', "what to call it (default: the folder's or file's name)")
    .option('--all', 'every SAE that is found there')
    .action((text: string, flags: ImportFlags, command: Command) =>
      run(command, async (session) => {
        const path = pathOrAddress(text)
        if (!flags.all) {
          const sae = await importOne(session, path, flags)
          return session.print(sae, () => importedLines(sae))
        }
        const { found } = await session.client.saes.inspect({ path, format: flags.as, set: flags.set })
        if (found.length === 0)
          throw problem('not-found', text, 'no SAE was found here', 'Choose another folder.')
        const imported: Sae[] = []
        for (const each of found)
          imported.push(await importOne(session, each.path, { ...flags, name: undefined }))
        session.print(imported, () => imported.map(importedLines).join('\n\n'))
      }),
    )
}

function registerExport(saes: Command, run: RunCommand): void {
  saes
    .command('export <id>')
    .description('write an SAE for other programs into a folder')
    .requiredOption('--to <dir>', 'the folder')
    .option(
      '--format <format>',
      SaeExportFormat.options.join(', '),
      choice(SaeExportFormat.options, '--format'),
      'saelens',
    )
    .option(
      '--fold <what>',
      `${Folding.options.join(', ')}; again for both`,
      (text: string, before: Folding[] = []) => [...before, choice(Folding.options, '--fold')(text)],
    )
    .action(
      (id: string, flags: { to: string; format: SaeExportFormat; fold?: Folding[] }, command: Command) =>
        run(command, async ({ client, print }) => {
          const { to, format, fold } = flags
          const written = await client.saes.exportFolder({
            id: idOf(SaeId, id, 'SAE'),
            to: resolve(to),
            format,
            fold,
          })
          print({ id, ...written }, () => `Wrote ${written.files.join(', ')} to ${written.folder}.`)
        }),
    )
}

/** What to type to import it. */
const catalogueLine = ({ id, path, set }: CatalogueRelease['saes'][number]): string => {
  const settings = Object.entries(set).map(([about, value]) => ` --set "${about}=${value}"`)
  return `${id.padEnd(40)} suture saes import ${path}${settings.join('')}`
}

function registerCatalogue(saes: Command, run: RunCommand): void {
  saes
    .command('catalogue [release]')
    .description("the releases of SAELens' published catalogue, or the SAEs of one")
    .action((release: string | undefined, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const all = await client.saes.catalogue({})
        if (release === undefined) {
          const short = (r: CatalogueRelease): string =>
            `${r.release.padEnd(48)} ${r.model.padEnd(28)} ${r.saes.length} SAEs`
          return print(all, () => all.map(short).join('\n'))
        }
        const found = all.find((each) => each.release === release)
        if (!found)
          throw problem(
            'not-found',
            release,
            'the catalogue has no release of that name',
            '"suture saes catalogue" lists them.',
          )
        print(found, () => found.saes.map(catalogueLine).join('\n'))
      }),
    )
}

export function registerSaes(program: Command, run: RunCommand): void {
  const saes = program.command('saes').description('sparse autoencoders')
  registerInspect(saes, run)
  registerImport(saes, run)
  registerExport(saes, run)
  registerCatalogue(saes, run)

  saes
    .command('list')
    .description('the SAEs of this workspace')
    .action((_options, command: Command) =>
      run(command, async ({ client, print }) => {
        const list = await client.saes.list({})
        print(list, () =>
          list.length === 0
            ? 'No SAEs. Begin with: suture train, or suture saes import'
            : list.map(line).join('\n'),
        )
      }),
    )

  saes
    .command('show <id>')
    .description('everything that is known about an SAE')
    .action((id: string, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const sae = await client.saes.get({ id: idOf(SaeId, id, 'SAE') })
        print(sae, () =>
          [line(sae), ...assumptionLines(sae.assumptions), ...(sae.warnings ?? []).map((w) => `! ${w}`)].join(
            '\n',
          ),
        )
      }),
    )
}
