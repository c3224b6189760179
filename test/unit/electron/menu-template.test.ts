import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { expect, test, vi } from 'vitest'
import { menuTemplate, type MenuActs } from '../../../src-main/electron/menu-template.ts'

const frame = resolve(import.meta.dirname, '../../../src-renderer/frame')
const source = ['app-commands.ts', 'demo-commands.ts']
  .map((name) => readFileSync(join(frame, name), 'utf8'))
  .join('\n')
const recent = [
  { folder: '/home/ada/Suture', name: 'Suture' },
  { folder: '/home/ada/R&D', name: 'R&D' },
]
const acts = (): MenuActs => ({
  command: vi.fn(),
  newWorkspace: vi.fn(),
  openWorkspace: vi.fn(),
  openRecent: vi.fn(),
  clearRecent: vi.fn(),
  showFolder: vi.fn(),
  openSource: vi.fn(),
})
type Item = MenuItemConstructorOptions
const flat = (items: readonly Item[]): Item[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])])
const press = (items: Item[], id: string): void => {
  const item = flat(items).find((one) => one.id === id)
  ;(item?.click as (() => void) | undefined)?.()
}
const PLATFORMS = ['linux', 'win32', 'darwin'] as const

test.each(PLATFORMS)('on %s every command of the menu is a command of the window', (platform) => {
  const said: string[] = []
  const items = flat(menuTemplate(platform, recent, { ...acts(), command: (id) => said.push(id) }))
  for (const item of items) if (item.id) press(items, item.id)
  expect(said.length).toBeGreaterThan(14)
  // Rooms of the rail are made from a list: "go-home" of the room "home".
  const rooms = ['home', 'harvest', 'train', 'features', 'compare', 'stitch'].map((room) => `go-${room}`)
  const known = (id: string): boolean =>
    rooms.includes(id) || source.includes(`id: '${id}'`) || source.includes(`go('${id.replace('go-', '')}'`)
  expect(said.filter((id) => !known(id))).toEqual([])
})

test.each(PLATFORMS)(
  'on %s no shortcut is there twice, and the window’s own keys mean the same',
  (platform) => {
    const items = flat(menuTemplate(platform, recent, acts()))
    const keys = items.flatMap(({ accelerator }) => (typeof accelerator === 'string' ? [accelerator] : []))
    expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted())
    // The window's: mod+k palette, mod+, settings, alt+arrows; mod+z and mod+shift+z undo and redo, as in the Edit menu.
    expect(keys).toEqual(expect.arrayContaining(['CmdOrCtrl+K', 'CmdOrCtrl+,', 'Alt+Left', 'Alt+Right']))
    expect(keys.filter((key) => /\+(Z|Y|R|C|V|X|A|Q|W|M|H)$/.test(key))).toEqual([])
  },
)

test.each(PLATFORMS)('on %s there are File, Edit, Go, View and Help, settings and About', (platform) => {
  const template = menuTemplate(platform, recent, acts())
  const names = template.map(({ label, role }) => label ?? role)
  expect(names).toEqual(expect.arrayContaining(['File', 'editMenu', 'Go', 'View', 'help']))
  const items = flat(template)
  expect(items.filter(({ id }) => id === 'go-settings')).toHaveLength(1)
  expect(items.filter(({ role }) => role === 'about')).toHaveLength(1)
})

test('the last workspaces are listed with their folders, the open one checked', () => {
  const heard = acts()
  const items = flat(menuTemplate('linux', recent, heard))
  const listed = items.filter(({ id }) => id?.startsWith('recent-'))
  expect(listed.map(({ label, checked }) => [label, checked])).toEqual([
    ['Suture  (/home/ada/Suture)', true],
    ['R&&D  (/home/ada/R&&D)', false],
  ])
  press(items, 'recent-1')
  expect(heard.openRecent).toHaveBeenCalledWith('/home/ada/R&D')
})
