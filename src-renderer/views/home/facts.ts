import { assertNever } from '#contract/assert-never.ts'
import type { Sae } from '#contract/sae.ts'
import { bytes } from '../../format/bytes.ts'
import { count, number, plural, short } from '#figures/number.ts'
import type { Thing } from '../../state/things.svelte.ts'

export interface Fact {
  term: string
  value: string
  mono?: boolean
}

function metricsOf({ metrics, dSae }: Sae): Fact[] {
  if (!metrics) return []
  const masking = metrics.skippedPosition0 ? ', position 0 left out' : ''
  return [
    { term: 'MSE', value: `${number(metrics.mse)} (sum over d, mean over tokens)` },
    { term: 'L0', value: number(metrics.l0) },
    { term: 'explained variance', value: number(metrics.explainedVariance) },
    { term: 'dead', value: `${count(metrics.dead)} of ${count(dSae)}` },
    { term: 'measured on', value: `${plural(metrics.tokens, 'token')}${masking}` },
  ]
}

function ownFacts(shown: Thing): Fact[] {
  switch (shown.kind) {
    case 'model': {
      const m = shown.thing
      return [
        { term: 'folder', value: m.folder, mono: true },
        { term: 'family', value: m.family + (m.parallelResidual ? ', parallel residual' : '') },
        {
          term: 'size',
          value: `${short(m.parameters)} parameters, ${plural(m.layers, 'block')} of width ${count(m.dModel)}`,
        },
        { term: 'weights', value: `${bytes(m.weightBytes)} ${m.weightDtype}` },
        { term: 'vocabulary', value: plural(m.vocabSize, 'token') },
        { term: 'context', value: plural(m.contextSize, 'token') },
        {
          term: 'BOS',
          value:
            m.bosId === null
              ? 'none'
              : `id ${m.bosId}, ${m.prependBos ? 'put before' : 'not put before'} every row`,
        },
        { term: 'hook points', value: count(m.hookPoints.length) },
      ]
    }
    case 'corpus': {
      const c = shown.thing
      return [
        { term: 'format', value: c.format + (c.field ? `, field “${c.field}”` : '') },
        { term: 'size', value: bytes(c.bytes) },
        ...(c.rows === null ? [] : [{ term: 'rows', value: `${count(c.rows)} of ${c.contextSize} tokens` }]),
        ...c.files.map(({ path }, i) => ({
          term: i === 0 ? 'files' : `file ${i + 1}`,
          value: path,
          mono: true,
        })),
      ]
    }
    case 'activations': {
      const a = shown.thing
      return [
        { term: 'hook point', value: a.hookName, mono: true },
        { term: 'width', value: count(a.dIn) },
        { term: 'tokens', value: `${count(a.tokens)} in ${plural(a.rows, 'row')} of ${a.contextSize}` },
        { term: 'BOS', value: a.prependBos ? 'before every row' : 'none' },
        { term: 'stored as', value: a.dtype },
      ]
    }
    case 'sae': {
      const s = shown.thing
      return [
        { term: 'kind', value: s.architecture + (s.k === null ? '' : `, k = ${s.k}`) },
        { term: 'features', value: `${count(s.dSae)} on activations of width ${count(s.dIn)}` },
        { term: 'hook point', value: s.hookName ?? 'not known', mono: s.hookName !== null },
        { term: 'model', value: s.modelName ?? 'not known' },
        ...metricsOf(s),
        ...s.assumptions.map(({ about, value, from }) => ({ term: about, value: `${value} (${from})` })),
      ]
    }
    default:
      return assertNever(shown)
  }
}

/** What there is to know of a thing, line by line. */
export const factsOf = (shown: Thing, disk: number | undefined): Fact[] => [
  ...ownFacts(shown),
  ...(disk ? [{ term: 'on disk', value: bytes(disk) }] : []),
]
