import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const main = join(root, 'src-main')

/** Left to right, as data walks; docs/architecture.md has the same order. */
const ROOMS = [
  'math', 'store', 'corpus', 'language-model', 'activations', 'sae', 'backends', 'features', 'compare', 'stitch',
  'demo', 'jobs', 'rpc', 'serve', 'electron', 'cli',
] // prettier-ignore

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))

const IMPORTS = /^(?:import|export|\})[^'\n]* from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm
const imports = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORTS)].map((match) => match[1] ?? match[2] ?? match[3])

const roomOf = (file: string): string => relative(main, file).split(sep)[0]

test('a room of src-main imports only itself and rooms to its left', () => {
  const wrong: string[] = []
  for (const file of files(main)) {
    const room = ROOMS.indexOf(roomOf(file))
    if (room < 0) continue
    for (const specifier of imports(file)) {
      if (!specifier.startsWith('.')) continue
      const path = resolve(dirname(file), specifier)
      if (!path.startsWith(main)) continue // the demo's stories, beside the script that trains on them
      const target = roomOf(path)
      if (target === 'places.ts' || target === 'workspace-folder.ts') continue
      if (!(ROOMS.indexOf(target) >= 0 && ROOMS.indexOf(target) <= room))
        wrong.push(`${relative(root, file)} imports ${specifier}`)
    }
  }
  expect(wrong).toEqual([])
})

test('every room of src-main is in the table of docs/architecture.md', () => {
  const table = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const rooms = readdirSync(main, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(rooms.filter(({ name }) => !table.includes(`\`${name}/\``)).map(({ name }) => name)).toEqual([])
})

test('electron is imported only by the Electron entry, its room and the door', () => {
  const allowed = ['src-main/index.ts', 'src-main/electron', 'src-preload/index.ts']
  const wrong = ['src-main', 'src-preload', 'src-renderer']
    .flatMap((folder) => files(join(root, folder)))
    .filter((file) => /import (?!type)[^\n]*from 'electron'/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter((file) => !allowed.some((place) => file.startsWith(place)))
  expect(wrong).toEqual([])
})

test('renderer and src-main take nothing from each other, contract and figures nothing from anywhere', () => {
  const wrong = [
    ...files(join(root, 'src-renderer')).flatMap((file) =>
      imports(file).filter((s) => s.includes('src-main')),
    ),
    ...files(join(root, 'src-main')).flatMap((file) =>
      imports(file).filter((s) => s.includes('src-renderer')),
    ),
    ...files(join(root, 'src-preload/contract')).flatMap((file) =>
      imports(file).filter((s) => s !== 'zod' && !s.startsWith('./')),
    ),
    ...files(join(root, 'src-preload/figures')).flatMap((file) =>
      imports(file).filter((s) => s !== 'd3' && !s.startsWith('./')),
    ),
  ]
  expect(wrong).toEqual([])
})
