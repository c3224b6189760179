import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { Corpus, CorpusFormat, Packing, TokenPreview } from '#contract/corpus.ts'
import { CorpusId, ModelId } from '#contract/ids.ts'
import { addContextOptions, contextRequest, wholeNumber, type ContextFlags } from './context-options.ts'
import { idOf } from './jobs.ts'
import type { RunCommand } from './output.ts'

const count = (n: number): string => n.toLocaleString('en')

function line(corpus: Corpus): string {
  const what = corpus.field === null ? corpus.format : `${corpus.format} (${corpus.field})`
  const rows = corpus.rows === null ? '' : `, ${count(corpus.rows)} rows of ${corpus.contextSize}`
  return `${corpus.id}  ${what.padEnd(16)} ${count(corpus.bytes).padStart(14)} bytes  ${corpus.name}${rows}`
}

/** Tokens parted by a bar, so that spaces show where they belong. */
const previewLines = (rows: readonly TokenPreview[]): string =>
  rows.length === 0
    ? 'The corpus is shorter than one row.'
    : rows
        .map(({ tokens }, i) => `row ${i}: ${tokens.map((t) => JSON.stringify(t).slice(1, -1)).join('|')}`)
        .join('\n')

function registerAdd(corpora: Command, run: RunCommand): void {
  corpora
    .command('add <file...>')
    .description('text (<|endoftext|> between documents), JSONL or Parquet files; they stay where they are')
    .option('--name <name>', "what to call it (default: the file's name)")
    .option(
      '--field <name>',
      'the field (JSONL) or the column (Parquet) with the text; "text" or the only one if not said',
    )
    .addOption(
      new Option('--format <format>', 'where the ending of the name does not say').choices([
        'text',
        'jsonl',
        'parquet',
      ]),
    )
    .action(
      (
        files: string[],
        options: { name?: string; field?: string; format?: Exclude<CorpusFormat, 'tokens'> },
        command: Command,
      ) =>
        run(command, async ({ client, print }) => {
          const corpus = await client.corpora.add({ files: files.map((file) => resolve(file)), ...options })
          print(corpus, () => line(corpus))
        }),
    )

  corpora
    .command('add-tokens <file>')
    .description('rows of token ids made elsewhere: an integer tensor [rows, context] of a safetensors file')
    .option('--tensor <name>', 'the tensor', 'ids')
    .option('--name <name>', "what to call it (default: the file's name)")
    .action((file: string, options: { tensor: string; name?: string }, command: Command) =>
      run(command, async ({ client, print }) => {
        const corpus = await client.corpora.addTokens({ file: resolve(file), ...options })
        print(corpus, () => line(corpus))
      }),
    )
}

function registerPreview(corpora: Command, run: RunCommand): void {
  const command = corpora
    .command('preview <id>')
    .description('the first contexts as a model would see them')
    .requiredOption('--model <id>', 'the model whose tokenizer is used')
    .option('--rows <n>', 'how many contexts', wholeNumber, 3)
  addContextOptions(command).action(
    (
      id: string,
      options: ContextFlags & { model: string; rows: number; packing: Packing },
      command: Command,
    ) =>
      run(command, async ({ client, print }) => {
        const rows = await client.corpora.preview({
          id: idOf(CorpusId, id, 'corpus'),
          modelId: idOf(ModelId, options.model, 'model'),
          rows: options.rows,
          ...contextRequest(options),
        })
        print(rows, () => previewLines(rows))
      }),
  )
}

export function registerCorpora(program: Command, run: RunCommand): void {
  const corpora = program.command('corpora').description('text and rows of token ids')
  registerAdd(corpora, run)
  registerPreview(corpora, run)
  corpora
    .command('list')
    .description('the corpora of this workspace')
    .action((_options, command: Command) =>
      run(command, async ({ client, print }) => {
        const list = await client.corpora.list({})
        print(list, () =>
          list.length === 0 ? 'No corpora. Begin with: suture corpora add <file>' : list.map(line).join('\n'),
        )
      }),
    )
}
