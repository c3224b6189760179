import type { SaeId } from '#contract/ids.ts'
import type { ListedThing } from '#contract/workspace.ts'
import { engine } from '../rpc.ts'
import type { Command } from '../state/commands.svelte.ts'
import { route } from '../state/route.svelte.ts'
import { things } from '../state/things.svelte.ts'

function to(id: string, group: string, label: string, path: string, words: string[] = []): Command {
  return { id: `to-${id}`, group, label, words, run: () => route.go(path) }
}

/** Where a run, a comparison or a bench is looked at; an index is at Home. */
function placeOf({ id, kind }: ListedThing): string {
  if (kind === 'run') return `/train/${id}`
  if (kind === 'comparison') return `/compare/${id}`
  return kind === 'stitch' ? `/stitch/${id}` : `/home/${id}`
}
const GROUPS: Partial<Record<ListedThing['kind'], string>> = {
  run: 'Training runs',
  comparison: 'Comparisons',
  stitch: 'Benches',
  index: 'Feature indexes',
}

/** Things of the workspace as commands that go to them. */
export const destinations = (): Command[] => [
  ...things.saes.map((sae) =>
    to(sae.id, 'SAEs', sae.name, `/sae/${sae.id}/features`, [sae.architecture, sae.hookName ?? '', sae.id]),
  ),
  ...things.others.map((one) =>
    to(one.id, GROUPS[one.kind] ?? 'Others', one.name, placeOf(one), [one.kind, one.id]),
  ),
  ...things.models.map((model) => to(model.id, 'Models', model.name, `/home/${model.id}`, [model.id])),
  ...things.corpora.map((corpus) => to(corpus.id, 'Corpora', corpus.name, `/home/${corpus.id}`, [corpus.id])),
  ...things.activations.map((set) =>
    to(set.id, 'Activation sets', set.name, `/home/${set.id}`, [set.hookName, set.id]),
  ),
]

const featureAt = (saeId: SaeId, feature: number): string => `/sae/${saeId}/feature/${feature}`

/** What was typed has a number in it: that feature, of every SAE that has so many. */
export function numberedFeatures(typed: string): Command[] {
  const number = /(?:^|\s)#?(\d{1,7})(?=\s|$)/.exec(typed)?.[1]
  if (number === undefined) return []
  const feature = Number(number)
  return things.saes
    .filter(({ dSae, complete }) => complete && feature < dSae)
    .map(({ id, name }) =>
      to(`${id}-${feature}`, 'Features', `feature ${feature} of ${name}`, featureAt(id, feature), [
        `#${feature}`,
      ]),
    )
}

const MOST_SAES = 24
const MOST_OF_EACH = 6

/** Features whose label, notes or tags have words that begin as what was typed. */
export async function labelledFeatures(typed: string, signal: AbortSignal): Promise<Command[]> {
  const text = typed.trim()
  if (text.length < 2) return []
  const found = await Promise.all(
    things.saes.slice(0, MOST_SAES).map(async ({ id, name }) => {
      const labels = await engine.labels.search({ saeId: id, text, limit: MOST_OF_EACH }, { signal })
      // What was typed is among the words: it may have been found in the notes.
      return labels.map(({ feature, label }) =>
        to(
          `${id}-${feature}`,
          'Features',
          `${label || 'unlabelled'} · feature ${feature} of ${name}`,
          featureAt(id, feature),
          [text],
        ),
      )
    }),
  )
  return found.flat()
}
