import { Architecture, type Assumption } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'
import type { Normalisation } from '../weights.ts'

/** Where a decision came from: the file says so, its format's default, our guess, or the person. */
export type Source = Assumption['from']
export interface Claim<T> {
  value: T
  from: Source
}
export const fromFile = <T>(value: T): Claim<T> => ({ value, from: 'file' })
export const byDefault = <T>(value: T): Claim<T> => ({ value, from: 'default' })
export const guess = <T>(value: T): Claim<T> => ({ value, from: 'guess' })

/** Whether a matrix is stored with one feature per row or per column. Shapes cannot tell when d_in = d_sae. */
export type Layout = 'rows are features' | 'columns are features'

/** Everything that decides what a file's tensors mean, each decision with where it came from. */
export interface Claims {
  architecture: Claim<Architecture>
  /** topk, batchtopk, matryoshka: features kept per token. */
  k?: Claim<number>
  W_enc: Claim<Layout>
  W_dec: Claim<Layout>
  /** Whether b_dec is subtracted from the input before encoding. */
  b_dec: Claim<'subtracted from the input' | 'not subtracted'>
  normalisation: Claim<Normalisation>
  /** Inputs are multiplied by this before encoding, outputs divided by it; folded into the weights on import. */
  scale: Claim<number>
  /** Whether codes are compared (top k, threshold) after scaling by the decoder norm. */
  rescale: Claim<'by decoder norm' | 'none'>
  /** Whether the decoder norm is folded into the encoder on import. */
  folding: Claim<'decoder norm' | 'none'>
  /**
   * Whether it was trained on activations without their mean over d (TransformerLens' center_writing_weights). It then
   * needs activations harvested so; or the mean is removed by its own encoder ("folded into the encoder").
   */
  centring: Claim<'none' | 'activations centred' | 'folded into the encoder'>
  hook: Claim<string | null>
  model: Claim<string | null>
  bos: Claim<'prepended' | 'not prepended' | null>
  context: Claim<number | null>
}
export type About = keyof Claims

/** What holds where nothing says otherwise: SAELens' shapes, a plain ReLU, b_dec subtracted, nothing scaled. */
export const PLAIN: Claims = {
  architecture: byDefault('standard'),
  W_enc: byDefault('columns are features'),
  W_dec: byDefault('rows are features'),
  b_dec: byDefault('subtracted from the input'),
  normalisation: byDefault('none'),
  scale: byDefault(1),
  rescale: byDefault('none'),
  folding: byDefault('none'),
  centring: byDefault('none'),
  hook: byDefault(null),
  model: byDefault(null),
  bos: byDefault(null),
  context: byDefault(null),
}

/** As the file says, or unknown. */
export const fromFileOrUnknown = <T>(value: T | null | undefined): Claim<T | null> =>
  value === null || value === undefined ? byDefault(null) : fromFile(value)

const UNKNOWN = 'unknown'
const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (text: string, about: string): T => {
    const found = values.find((value) => value === text)
    if (found === undefined)
      throw problem('bad-input', about, `"${text}" was given`, `It can be: ${values.join(', ')}.`)
    return found
  }
const positive = (text: string, about: string): number => {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value)))
    throw problem('bad-input', about, `"${text}" is not a positive number`)
  return value
}
const whole = (text: string, about: string): number => {
  const value = positive(text, about)
  if (!Number.isInteger(value)) throw problem('bad-input', about, `"${text}" is not a whole number`)
  return value
}
const orUnknown =
  <T>(parse: (text: string, about: string) => T) =>
  (text: string, about: string): T | null =>
    text === UNKNOWN || text === '' ? null : parse(text, about)
const text = (value: string): string => value
const layout = oneOf<Layout>('rows are features', 'columns are features')

/** How a person's text becomes each decision. */
const PARSE: { [A in About]-?: (text: string, about: string) => NonNullable<Claims[A]>['value'] } = {
  architecture: oneOf(...Architecture.options),
  k: whole,
  W_enc: layout,
  W_dec: layout,
  b_dec: oneOf('subtracted from the input', 'not subtracted'),
  normalisation: oneOf('none', 'layer_norm', 'constant_norm_rescale', 'expected_average_only_in'),
  scale: positive,
  rescale: oneOf('by decoder norm', 'none'),
  folding: oneOf('decoder norm', 'none'),
  centring: oneOf('none', 'activations centred', 'folded into the encoder'),
  hook: orUnknown(text),
  model: orUnknown(text),
  bos: orUnknown(oneOf('prepended', 'not prepended')),
  context: orUnknown(whole),
}
const ABOUT = Object.keys(PARSE) as About[]

/** The decisions as they are shown: about, value, where from. */
export function assumptionsOf(claims: Claims): Assumption[] {
  return ABOUT.flatMap((about) => {
    const claim = claims[about]
    return claim ? [{ about, value: String(claim.value ?? UNKNOWN), from: claim.from }] : []
  })
}

/** The decisions with a person's changes put in. @throws Problem naming what cannot be set, or to what. */
export function withOverrides(claims: Claims, overrides: Readonly<Record<string, string>>): Claims {
  const changed: Record<string, Claim<unknown>> = {}
  for (const [about, value] of Object.entries(overrides)) {
    const known = ABOUT.find((name) => name === about)
    if (!known)
      throw problem(
        'bad-input',
        about,
        'there is no such assumption to set',
        `There are: ${ABOUT.join(', ')}.`,
      )
    changed[known] = { value: PARSE[known](value, about), from: 'you' }
  }
  return { ...claims, ...changed }
}
