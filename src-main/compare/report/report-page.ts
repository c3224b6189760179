import { byRelation, RELATIONS } from '#contract/pair-relations.ts'
import { measuredOn, MEASURES } from '#contract/report-matrix.ts'
import { drawnNames } from '#contract/report-order.ts'
import type { Report, ReportNumbers } from '#contract/report.ts'
import { number, percent, count } from '#figures/number.ts'
import { reportFigures } from './report-figures.ts'
import { relationName } from './report-tables.ts'
import { escaped, inlineSvg, TOKENS, type Figure } from './svg.ts'

// A report as one page: no script, nothing fetched, light and dark. Figures and tables are those that are also files.

const STYLE = `${TOKENS}
*{box-sizing:border-box}body{max-width:1080px;margin:0 auto;padding:32px 24px 64px;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
h1{margin:0 0 4px;font-size:26px;line-height:1.2}h2{margin:40px 0 8px;font-size:19px}p{max-width:72ch;margin:6px 0}
.facts{max-width:none}.facts,figcaption{color:var(--text-2)}figure{margin:16px 0 24px;overflow-x:auto}figcaption{max-width:96ch;font-size:13px}
svg{max-width:none;height:auto}h3{margin:0 0 4px;font-size:15px}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th{color:var(--text-2);font-weight:600}th:first-child,td:first-child,.left{text-align:left}
dt{margin-top:8px;font-weight:600}dd{max-width:80ch;margin:0;color:var(--text-2)}
code{font-size:13px;overflow-wrap:anywhere}
@media print{body{max-width:none}figure,table{break-inside:avoid}}`

const figureOf = (figure: Figure): string =>
  `<figure><h3>${escaped(figure.title)}</h3>${inlineSvg(figure)}<figcaption>${escaped(figure.caption)}</figcaption></figure>`

interface Column {
  label: string
  left?: boolean
}
function tableOf(columns: readonly Column[], rows: readonly string[][]): string {
  const cell = (tag: string, words: string, { left }: Column): string =>
    `<${tag}${left ? ' class="left"' : ''}${tag === 'th' ? ' scope="col"' : ''}>${escaped(words)}</${tag}>`
  const head = columns.map((column) => cell('th', column.label, column)).join('')
  const body = rows.map((row) => `<tr>${row.map((words, n) => cell('td', words, columns[n])).join('')}</tr>`)
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

const SAE_COLUMNS: Column[] = [
  { label: 'SAE', left: true },
  { label: 'model', left: true },
  { label: 'hook point', left: true },
  { label: 'kind', left: true },
  ...['d_sae', 'L0', 'MSE', 'EV', 'dead', '‖x‖', '‖x̂‖', '‖w‖'].map((label) => ({ label })),
]
function saesOf({ saes }: ReportNumbers): string {
  const names = drawnNames(saes, true)
  return tableOf(
    SAE_COLUMNS,
    saes.map(({ metrics, norms, ...sae }, i) => [
      names[i] + (sae.baseline ? ' (baseline)' : ''),
      sae.modelName ?? 'not known',
      sae.hookName ?? 'not known',
      sae.architecture,
      count(sae.dSae),
      number(metrics?.l0),
      number(metrics?.mse),
      number(metrics?.explainedVariance),
      metrics ? `${count(metrics.dead)} (${percent(metrics.dead / sae.dSae, 2)})` : '–',
      number(norms?.activation),
      number(norms?.reconstruction),
      number(norms?.decoder),
    ]),
  )
}

const relationsOf = (numbers: ReportNumbers): string =>
  tableOf(
    [
      { label: 'the two SAEs', left: true },
      { label: 'which are', left: true },
      ...['ordered pairs', 'mean max cosine', 'random directions', 'mean max correlation', 'random SAE'].map(
        (label) => ({ label }),
      ),
    ],
    byRelation(numbers).map((row) => [
      relationName(row.relation),
      RELATIONS.find(({ relation }) => relation === row.relation)?.means ?? '',
      count(row.pairs),
      number(row.mcs),
      number(row.mcsRandom),
      number(row.pearson),
      number(row.pearsonRandom),
    ]),
  )

const DEFINITIONS: [string, string][] = [
  ...MEASURES.flatMap(({ name, means, random, randomMeans }): [string, string][] => [
    [name, `The ${means}. Not symmetric: row in column and column in row are two numbers.`],
    [random, `${randomMeans[0].toUpperCase()}${randomMeans.slice(1)}.`],
  ]),
  ['L0', 'Features with an activation above 0 on a token, mean over tokens.'],
  ['MSE', 'Squared error of the reconstruction, sum over d, mean over tokens.'],
  [
    'EV',
    'Explained variance: 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², with the mean x̄ over the same tokens for each dimension.',
  ],
  ['dead', 'Features that fired on none of these tokens.'],
  ['density', 'Fraction of tokens on which a feature’s activation is above 0.'],
  ['‖x‖, ‖x̂‖', 'Mean length of the activations and of their reconstructions, over tokens.'],
  ['‖w‖', 'Mean length of the decoder’s rows, over features.'],
]

const settingsOf = ({ settings }: Report): string =>
  [
    'suture compare-many',
    `--saes ${settings.saeIds.join(',')}`,
    settings.baselineIds.length > 0 ? `--baselines ${settings.baselineIds.join(',')}` : '',
    settings.activationSetIds.length > 0
      ? `--activations ${settings.activationSetIds.join(',')} --tokens ${settings.tokens}`
      : '',
    settings.skipPosition0 ? '' : '--all-positions',
  ]
    .filter(Boolean)
    .join(' ')

const part = (heading: string, lead: string, content: string): string =>
  content === '' ? '' : `<section><h2>${heading}</h2><p>${escaped(lead)}</p>${content}</section>`

/** The whole report as HTML that needs nothing else. */
export function reportPage(report: Report, numbers: ReportNumbers): string {
  const figures = reportFigures(numbers)
  const drawn = (of: readonly Figure[]): string => of.map(figureOf).join('')
  const on = measuredOn(numbers)
  const made = `${new Date(report.createdAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const body = [
    `<header><h1>${escaped(report.name)}</h1><p class="facts">Universality report of ${numbers.saes.length} SAEs · ${escaped(on)} · made ${made} by Suture ${escaped(report.provenance.version)}</p></header>`,
    part('The SAEs', `Measured on ${on}. What each number means is at the end.`, saesOf(numbers)),
    part(
      'Does one SAE know what another knows?',
      'Each cell is the mean over the features of the row’s SAE of their best match among the features of the column’s. The baseline of the same pair is below it; a similarity means nothing without it.',
      drawn(figures.matrices),
    ),
    part(
      'Similarity by what the two have in common',
      `Means over ordered pairs, each beside the mean baseline of the same pairs. Correlations: ${on}.`,
      relationsOf(numbers),
    ),
    part(
      'Similarity across widths, layers and training',
      'Every ordered pair is a point.',
      drawn(figures.along),
    ),
    part(
      'How often features fire',
      'Histograms of log10 of the density over each other.',
      drawn(figures.densities),
    ),
    part('Error and sparsity', 'Lower and further left is better.', drawn(figures.quality)),
    part(
      'What the numbers mean',
      numbers.tokens === null
        ? 'No activations were measured.'
        : `All SAEs were run over the same tokens: ${on}.`,
      `<dl>${DEFINITIONS.map(([term, means]) => `<dt>${escaped(term)}</dt><dd>${escaped(means)}</dd>`).join('')}</dl>`,
    ),
    part(
      'Made again by',
      'In the workspace that holds these SAEs:',
      `<p><code>${escaped(settingsOf(report))}</code></p>`,
    ),
  ].join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(report.name)}: universality report</title><style>${STYLE}</style></head>
<body><main>
${body}
</main></body></html>
`
}
