import type { Command } from '../state/commands.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { things } from '../state/things.svelte.ts'

const FEATURE = /^(\d+)$/

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

/** "1290" typed in the palette means that feature of the SAE one is in. */
export function featureNumber(text: string): number | null {
  const found = FEATURE.exec(text.trim())
  return found ? Number(found[1]) : null
}
