import { bridge } from '../bridge.ts'
import type { Command } from '../state/commands.svelte.ts'
import { notices } from '../state/notices.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { settings } from '../state/settings.svelte.ts'
import { rooms } from '../views/index.ts'

/** What can be run on every screen. */
export function appCommands(toggle: { palette: () => void; keySheet: () => void }): Command[] {
  const go = (id: string, label: string, path: string, keys?: string): Command => ({
    id: `go-${id}`,
    group: 'Go to',
    label,
    ...(keys ? { keys } : {}),
    run: () => route.go(path),
  })
  return [
    {
      id: 'palette',
      group: 'Window',
      label: 'Go anywhere, run anything',
      keys: 'mod+k',
      run: toggle.palette,
    },
    {
      id: 'keys',
      group: 'Window',
      label: 'Keys of this screen',
      keys: '?',
      words: ['shortcuts', 'keyboard'],
      run: toggle.keySheet,
    },
    ...rooms.map((room) => go(room.id, room.label, room.path, `g ${room.key}`)),
    go('settings', 'Settings', '/settings', 'mod+,'),
    go('help', 'Help: words, keys, numbers', '/help', 'F1'),
    { id: 'back', group: 'Window', label: 'Back', keys: 'alt+ArrowLeft', run: () => route.back() },
    { id: 'forward', group: 'Window', label: 'Forward', keys: 'alt+ArrowRight', run: () => route.forward() },
    {
      id: 'theme',
      group: 'Window',
      label: 'Switch between light and dark',
      words: ['theme', 'night'],
      run: () => (settings.theme = settings.isDark ? 'light' : 'dark'),
    },
    {
      id: 'add-model',
      group: 'Workspace',
      label: 'Add a model',
      words: ['hugging face', 'folder', 'hub'],
      run: () => route.go('/home', { add: 'model' }),
    },
    {
      id: 'add-hub-model',
      group: 'Workspace',
      label: 'Add a model from the hub',
      words: ['hugging face', 'download'],
      run: () => route.go('/home', { add: 'model', from: 'hub' }),
    },
    {
      id: 'add-corpus',
      group: 'Workspace',
      label: 'Add a corpus',
      words: ['text', 'jsonl', 'parquet', 'files'],
      run: () => route.go('/home', { add: 'corpus' }),
    },
    {
      id: 'import-sae',
      group: 'Workspace',
      label: 'Import an SAE',
      words: ['saelens', 'folder', 'hub', 'catalogue'],
      run: () => route.go('/home', { add: 'sae' }),
    },
    ...workspaceCommands(),
  ]
}

/** Other workspaces can be opened where there is a program to open them: in the desktop app. */
function workspaceCommands(): Command[] {
  const desktop = bridge()
  if (!desktop) return []
  const group = 'Workspace'
  const words = ['folder', 'switch', 'project']
  return [
    {
      id: 'new-workspace',
      group,
      label: 'New workspace…',
      words,
      run: () => void desktop.newWorkspace().then(notices.refused),
    },
    {
      id: 'open-workspace',
      group,
      label: 'Open another workspace…',
      words,
      run: () => void desktop.openWorkspace().then(notices.refused),
    },
  ]
}
