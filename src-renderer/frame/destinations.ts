import type { Command } from '../state/commands.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { things } from '../state/things.svelte.ts'

/** Things of the workspace as commands that go to them. */
export function destinations(): Command[] {
  const to = (id: string, group: string, label: string, path: string, words: string[] = []): Command => ({
    id: `to-${id}`,
    group,
    label,
    words,
    run: () => route.go(path),
  })
  return [
    ...things.saes.map((sae) =>
      to(sae.id, 'SAEs', sae.name, `/sae/${sae.id}/features`, [sae.architecture, sae.hookName ?? '', sae.id]),
    ),
    ...things.models.map((model) => to(model.id, 'Models', model.name, `/home/${model.id}`, [model.id])),
    ...things.corpora.map((corpus) =>
      to(corpus.id, 'Corpora', corpus.name, `/home/${corpus.id}`, [corpus.id]),
    ),
    ...things.activations.map((set) =>
      to(set.id, 'Activation sets', set.name, `/home/${set.id}`, [set.hookName, set.id]),
    ),
  ]
}
