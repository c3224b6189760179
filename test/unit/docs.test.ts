// What the docs say exists: files, commands, packages, keys of the rail.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandTree } from '../../src-main/cli/command-tree.ts'

const root = resolve(import.meta.dirname, '../..')
const docs = [
  join(root, 'README.md'),
  join(root, 'CHANGELOG.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name)),
]
const text = (file: string): string => readFileSync(file, 'utf8')
const named = docs.map((file): [string, string] => [relative(root, file), file])

/** The lines of fenced blocks of shell commands. */
const commandLines = (file: string): string[] =>
  [...text(file).matchAll(/^```sh\n([^]*?)^```$/gm)]
    .flatMap(([, block]) => block.split('\n'))
    .filter((line) => line.startsWith('suture '))
/** Commands named within sentences: their options are looked up, their values are left out. */
const mentions = (file: string): string[] =>
  [...text(file).matchAll(/`(suture [^`]+)`/g)].map(([, line]) => line)

const words = (line: string): string[] =>
  [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)

/** The real commands, which note that they were reached instead of doing anything. */
function rehearsal(): { tree: Command; reached: () => number } {
  let reached = 0
  const tree = commandTree(async () => void reached++)
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    // serve opens a server by itself, without the engine that others are given.
    if (command.name() === 'serve') command.action(() => void reached++)
    command.commands.forEach(quiet)
  }
  quiet(tree)
  return { tree, reached: () => reached }
}

/** The options of a mention that its command has not, or the word that is no command. */
function unknownWords(tree: Command, line: string): string[] {
  let command = tree
  const [, ...rest] = words(line)
  while (rest.length > 0) {
    const next = command.commands.find((one) => one.name() === rest[0])
    if (!next) break
    command = next
    rest.shift()
  }
  if (command === tree) return rest.slice(0, 1)
  return rest.filter((word) => word.startsWith('--') && !command.options.some(({ long }) => long === word))
}

describe.each(named)('%s', (_name, file) => {
  test('links to files that are there', () => {
    const links = [...text(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, a, b]) => a ?? b,
    )
    const missing = links
      .filter((link) => !/^(https?:|#)/.test(link))
      .filter((link) => !existsSync(join(dirname(file), link.split('#')[0])))
    expect(missing).toEqual([])
  })

  test('has commands that the program takes', async () => {
    for (const line of commandLines(file)) {
      const { tree, reached } = rehearsal()
      await tree.parseAsync(words(line).slice(1), { from: 'user' })
      expect(reached(), line).toBe(1)
    }
    const { tree } = rehearsal()
    expect(mentions(file).flatMap((line) => unknownWords(tree, line))).toEqual([])
  })

  test('names scripts of package.json that are there', () => {
    const { scripts } = JSON.parse(text(join(root, 'package.json'))) as { scripts: Record<string, string> }
    // `npm explore PACKAGE -- npm run NAME` is a script of that package.
    const ours = text(file).replaceAll(/npm explore \S+ -- npm run \S+/g, '')
    const asked = [...ours.matchAll(/npm (?:run )?(start|test|(?<=run )[\w:]+)/g)].map(([, name]) => name)
    expect(asked.filter((name) => !(name in scripts))).toEqual([])
  })
})

test('a command that is written wrongly is found', async () => {
  const { tree } = rehearsal()
  await expect(tree.parseAsync(['train', '--widht', '512'], { from: 'user' })).rejects.toThrow(
    /unknown option/,
  )
  expect(unknownWords(tree, 'suture jobs resume --nothing')).toEqual(['--nothing'])
  expect(unknownWords(tree, 'suture trian')).toEqual(['trian'])
})

test('the README says of every package why it is there, and of no other', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    text(join(root, 'package.json')),
  ) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
  const table = /\| package +\| why +\|\n([^]*?)\n\n/.exec(text(join(root, 'README.md')))?.[1] ?? ''
  const listed = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
  expect(listed.toSorted()).toEqual(Object.keys(all).toSorted())
})

test('the README names every group of commands', () => {
  const readme = text(join(root, 'README.md'))
  const groups = rehearsal().tree.commands.map((command) => command.name())
  expect(groups.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})

test('every screen of the rail has a page, and the page says its key', () => {
  const rail = text(join(root, 'src-renderer/views/index.ts'))
  const rooms = [...rail.matchAll(/\{ id: '(\w+)', label: '\w+', icon: \w+, path: '[^']+', key: '(\w)' \}/g)]
  expect(rooms.length).toBeGreaterThan(4)
  const silent = rooms
    .filter(([, id, key]) => !text(join(root, `docs/screens/${id}.md`)).includes(`\`g ${key}\``))
    .map(([, id]) => id)
  expect(silent).toEqual([])
})
