import { problem } from '#contract/problem.ts'
import type { FeatureTable, TriedText } from '#contract/feature.ts'
import type { FeatureLabel, LabelChange, LabelField, LabelHistoryEntry } from '#contract/label.ts'
import type { Answers } from '../fake-engine.ts'
import { noise } from '../fake-workspace.ts'
import { fakeLabel, fakePage, fakeTable } from './fake-features.ts'

/** What the window did to the engine's labels, and what the engine has. */
export interface FakeFeatures {
  table: FeatureTable
  labels: Map<number, FeatureLabel>
  edits: { feature: number; change: LabelChange; before: FeatureLabel | undefined }[]
}

/** Densities from none to nearly every token; feature 3 never fires. */
export const fakeFeatures = (features = 256): FakeFeatures => ({
  table: fakeTable({
    count: Array.from({ length: features }, (_, j) => (j === 3 ? 0 : Math.ceil(900 * noise(j) ** 4))),
    max: Array.from({ length: features }, (_, j) => (j === 3 ? 0 : 1 + 9 * noise(j + 0.5))),
  }),
  labels: new Map(),
  edits: [],
})

/** Every word is a token; feature = its number of letters. */
function tried(text: string): TriedText {
  const tokens = ['<s>', ...text.split(' ').map((word) => ` ${word}`)]
  return {
    tokens,
    start: Uint32Array.from({ length: tokens.length + 1 }, (_, i) => i),
    feature: Uint32Array.from(tokens, (token) => token.trim().length),
    value: Float32Array.from(tokens, (_, i) => 1 + i / 10),
    beginsWithBos: true,
    cutOff: 0,
  }
}

export function featureAnswers(have: FakeFeatures): Answers {
  const { table, labels, edits } = have
  const put = (feature: number, label: FeatureLabel | undefined): FeatureLabel => {
    if (label) labels.set(feature, label)
    else labels.delete(feature)
    return label ?? fakeLabel(feature)
  }
  const history = (feature: number): LabelHistoryEntry[] =>
    edits
      .filter((edit) => edit.feature === feature)
      .flatMap(({ change }, i) =>
        Object.entries(change).map(([field, after]) => ({
          edit: i + 1,
          undoes: null,
          feature,
          field: field as LabelField,
          before: '',
          after,
          author: 'ada',
          at: '2026-03-12T10:10:00.000Z',
        })),
      )
  return {
    features: {
      indexes: () => [table.index],
      table: () => table,
      page: ({ feature }) => fakePage(feature, table),
      windows: ({ tokens, features }) =>
        tokens.map((token) => {
          const { window } = fakePage(1, table).top[0]
          return {
            ...window,
            token,
            first: token - 6,
            activations: features.map(() => window.activations[0]),
          }
        }),
      logitLens: () => ({
        promoted: [{ token: ' park', id: 1, logit: 1.5 }],
        suppressed: [{ token: ' sad', id: 2, logit: -1.25 }],
        histogram: Uint32Array.from({ length: 50 }, (_, i) => 25 - Math.abs(25 - i)),
        from: -2,
        to: 2,
        how: 'decoder direction, scaled by the final norm, times the unembedding',
      }),
      neighbours: ({ feature }) => [{ feature: feature + 1, cosine: 0.91 }],
      coFiring: ({ feature }) => ({
        sampledTokens: 0,
        features: [{ feature: feature + 2, together: 12, lift: 3.5, correlation: 0.4 }],
      }),
      searchToken: ({ text }) => ({
        forms: [[` ${text}`]],
        occurrences: 40,
        features: [{ feature: 7, fires: 30, recall: 0.75, precision: 0.5, mean: 2.5 }],
      }),
      tryText: ({ text }) => tried(text),
      map: async function* () {
        yield { share: 0.5, map: null }
        const features = Uint32Array.from({ length: 4 }, (_, i) => i + 4)
        yield { share: 1, map: { features, x: Float32Array.of(0, 1, 0, 1), y: Float32Array.of(0, 0, 1, 1) } }
      },
    },
    labels: {
      list: () => [...labels.values()],
      edit: ({ feature, change }) => {
        const before = labels.get(feature)
        edits.push({ feature, change, before })
        return put(feature, { ...(before ?? fakeLabel(feature)), ...change })
      },
      undo: () => {
        const last = edits.pop()
        if (!last) throw problem('conflict', 'undo', 'there is no edit of this SAE’s labels to take back')
        return { changed: [put(last.feature, last.before)] }
      },
      history: ({ feature }) => history(feature),
      search: ({ text }) => [...labels.values()].filter(({ label }) => label.includes(text)),
    },
  }
}
