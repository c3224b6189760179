import type { TriedText } from '#contract/feature.ts'

/** A feature in a text that was tried. */
export interface TriedFeature {
  feature: number
  /** Its largest activation in the text, and the token that is on. */
  max: number
  at: number
  /** Tokens of the text it fires on. */
  fires: number
}

/** The features that fire on token `only`, or anywhere in the text; the strongest first. The BOS put in front is not text. */
export function featuresOf(tried: TriedText, only: number | null): TriedFeature[] {
  const found = new Map<number, TriedFeature>()
  const from = only ?? (tried.beginsWithBos ? 1 : 0)
  const to = only === null ? tried.tokens.length : only + 1
  for (let token = from; token < to; token++)
    for (let i = tried.start[token]; i < tried.start[token + 1]; i++) {
      const feature = tried.feature[i]
      const known = found.get(feature) ?? { feature, max: 0, at: token, fires: 0 }
      const stronger = tried.value[i] > known.max
      found.set(feature, {
        feature,
        max: stronger ? tried.value[i] : known.max,
        at: stronger ? token : known.at,
        fires: known.fires + 1,
      })
    }
  return [...found.values()].sort((a, b) => b.max - a.max || a.feature - b.feature)
}

/** The activation of one feature on every token. */
export function activationsOf(tried: TriedText, feature: number): Float32Array {
  const out = new Float32Array(tried.tokens.length)
  for (let token = 0; token < out.length; token++)
    for (let i = tried.start[token]; i < tried.start[token + 1]; i++)
      if (tried.feature[i] === feature) out[token] = tried.value[i]
  return out
}

/** The sum of all activations on every token: where something happens at all. */
export function totalOf(tried: TriedText): Float32Array {
  return Float32Array.from(tried.tokens, (_, token) =>
    tried.value.subarray(tried.start[token], tried.start[token + 1]).reduce((sum, a) => sum + a, 0),
  )
}
