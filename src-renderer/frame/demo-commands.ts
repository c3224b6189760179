import type { Command } from '../state/commands.svelte.ts'
import { demo } from '../state/demo.svelte.ts'
import { guide } from '../state/guide.svelte.ts'
import { route } from '../state/route.svelte.ts'

/** What can be run of the Demo workspace: to prepare it, or, once it is there, to walk through it. Reactive. */
export function demoCommands(): Command[] {
  const words = ['demo', 'tour', 'first steps', 'learn']
  const group = 'Demo'
  if (!demo.isWhole)
    return [
      {
        id: 'demo',
        group,
        label: 'Prepare the Demo workspace',
        words,
        run: () => {
          route.go('/home')
          void demo.prepare()
        },
      },
    ]
  return [
    {
      id: 'guide',
      group,
      label: 'Guided path from the beginning',
      words,
      run: () => guide.begin(),
    },
    {
      id: 'concepts',
      group,
      label: 'Concepts: what did the SAEs find?',
      words: [...words, 'f1', 'ground truth'],
      run: () => route.go('/demo/concepts'),
    },
  ]
}
