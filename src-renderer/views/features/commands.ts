import type { Command } from '../../state/commands.svelte.ts'
import type { Range } from '../../state/feature-order.ts'
import { ANY_VALUE } from '../../state/feature-view.ts'
import type { FeatureBrowser } from '../../state/features.svelte.ts'

/** The fields of a feature's label that a key goes to; each has this as `data-label-field`. */
export type LabelInput = 'label' | 'tags' | 'notes'

/** Puts the cursor into a field of the feature that is open. */
function focusField(field: LabelInput): void {
  document.querySelector<HTMLElement>(`[data-label-field="${field}"]`)?.focus()
}

/** The keys of the feature screens: everything a person does a thousand times has one. */
export function featureCommands(browser: FeatureBrowser): Command[] {
  const onFeature = (act: (feature: number) => void) => (): void => {
    if (browser.feature !== null) act(browser.feature)
  }
  const toggle = (field: 'starred' | 'uninterpretable') =>
    onFeature(
      (feature) => void browser.edit(feature, { [field]: !(browser.label(feature)?.[field] ?? false) }),
    )
  const command = (id: string, label: string, keys: string, run: () => void): Command => ({
    id: `feature-${id}`,
    group: 'Features',
    label,
    keys,
    run,
  })
  const queue = (): void => {
    const ranges = { ...ANY_VALUE, density: [0.001, 0.01] as Range }
    browser.look({ find: 'list', shown: 'unlabelled', ranges, text: '', tag: '', novelty: 'any' })
    if (browser.order.length > 0) browser.open(browser.order[0])
  }
  return [
    command('next', 'Next feature of the list', 'j', () => browser.step(1)),
    command('previous', 'Previous feature of the list', 'k', () => browser.step(-1)),
    command(
      'label',
      'Label this feature',
      'l',
      onFeature(() => focusField('label')),
    ),
    command(
      'tags',
      'Tag this feature',
      't',
      onFeature(() => focusField('tags')),
    ),
    command(
      'notes',
      'Write notes on this feature',
      'n',
      onFeature(() => focusField('notes')),
    ),
    command('star', 'Star this feature', 's', toggle('starred')),
    command('uninterpretable', 'Mark this feature as uninterpretable', 'x', toggle('uninterpretable')),
    command('undo', 'Undo the last change of a label', 'mod+z', () => void browser.undo()),
    command('redo', 'Redo the change of a label', 'mod+shift+z', () => void browser.redo()),
    { id: 'feature-queue', group: 'Features', label: 'Queue: not labelled yet, density 0.1–1 %', run: queue },
    command('find', 'Search the features', '/', () =>
      document.querySelector<HTMLElement>('[data-feature-search]')?.focus(),
    ),
  ]
}
