import { alongs, orderedPairs, positionOf, RELATIONS } from '#contract/pair-relations.ts'
import { drawnTable, meanRandom, measuredOn, MEASURES, type MeasureWords } from '#contract/report-matrix.ts'
import {
  axisOrder,
  densityLines,
  drawnNames,
  grouped,
  groupings,
  MOST_DENSITY_LINES,
  sameHook,
} from '#contract/report-order.ts'
import type { ReportNumbers } from '#contract/report.ts'
import { drawHeatmap, drawLines, drawScatter, type DrawnPoint } from './draw.ts'
import type { Figure } from './svg.ts'

const color = (n: number): string => `var(--series-${(n % 8) + 1})`
const capital = (words: string): string => words[0].toUpperCase() + words.slice(1)

/** What a measure's captions end with: nothing is measured on tokens for directions. */
const basis = (numbers: ReportNumbers, { measure }: MeasureWords): string =>
  measure === 'mcs' ? 'from the decoders alone' : measuredOn(numbers)

/** A measure's table and that of its baseline, on one colour scale. */
function matrixFigures(numbers: ReportNumbers, words: MeasureWords): Figure[] {
  const order = axisOrder(numbers.saes, 'place')
  const random = meanRandom(numbers, words.measure)
  const nullLine =
    random === null ? null : { at: random, label: `${words.random}, mean ${random.toFixed(2)}` }
  return [
    drawHeatmap(
      {
        name: words.measure,
        title: `${capital(words.name)}: features of the row looked for in the column`,
        caption: `${capital(words.means)}; ${basis(numbers, words)}.`,
      },
      drawnTable(numbers, order, words.measure, 'value'),
      words.name,
      nullLine,
    ),
    drawHeatmap(
      {
        name: `${words.measure}-random`,
        title: `Baseline of the ${words.name}: ${words.random}`,
        caption: `${capital(words.randomMeans)}; ${basis(numbers, words)}. Same colour scale as above.`,
      },
      drawnTable(numbers, order, words.measure, 'random'),
      words.name,
      nullLine,
    ),
  ]
}

/** Similarity of every ordered pair against whatever the pairs differ in. */
function alongFigures(numbers: ReportNumbers, words: MeasureWords): Figure[] {
  const pairs = orderedPairs(numbers).filter(({ from, to }) => numbers[words.measure][from][to] !== null)
  const random = meanRandom(numbers, words.measure)
  const names = drawnNames(numbers.saes, sameHook(numbers.saes))
  const present = RELATIONS.filter(({ relation }) => pairs.some((pair) => pair.relation === relation))
  return alongs(numbers).map(({ along, name, label, log }) => {
    const points = pairs.flatMap(({ from, to, relation }): DrawnPoint[] => {
      const [a, b] = [numbers.saes[from], numbers.saes[to]]
      const x = positionOf(along, a, b)
      const group = RELATIONS.findIndex((one) => one.relation === relation)
      const y = numbers[words.measure][from][to]
      return x === null || y === null
        ? []
        : [{ x, y, color: color(group), name: `${names[from]} in ${names[to]}: ${y.toFixed(3)}` }]
    })
    return drawScatter(
      {
        name: `${words.measure}-by-${name}`,
        title: `${capital(words.name)} by ${name === 'ratio' ? 'ratio of widths' : name}`,
        caption: `One point an ordered pair of SAEs; ${words.means}; ${basis(numbers, words)}.`,
      },
      points,
      {
        ...{ xLabel: label, yLabel: words.name, logX: log, wholeX: along === 'layer' },
        key: present.map(({ relation, name: relationName }) => ({
          name: relationName,
          color: color(RELATIONS.findIndex((one) => one.relation === relation)),
        })),
        nullLine: random === null ? null : { at: random, label: words.random },
      },
    )
  })
}

function densityFigures(numbers: ReportNumbers): Figure[] {
  const known = numbers.saes.filter(({ density }) => density !== null)
  const drawn = known.length > MOST_DENSITY_LINES ? 'mean over the SAEs of each group' : 'one line an SAE'
  return groupings(known).map(({ group, name }) =>
    drawLines(
      {
        name: `densities-by-${name}`,
        title: `How often features fire, by ${name}`,
        caption: `Share of all features in bins of a quarter of log10 of the density (fraction of tokens with an activation above 0); dead features are in no bin; ${drawn}, coloured by ${name}; ${measuredOn(numbers)}.`,
      },
      densityLines(known, group).map((line) => ({ ...line, color: color(line.group) })),
      { xLabel: 'log10 of the density', yLabel: 'share of features', yInclude: [0], names: 'peak' },
    ),
  )
}

function qualityFigure(numbers: ReportNumbers): Figure {
  const groups = grouped(numbers.saes, 'width')
  const names = drawnNames(numbers.saes, true)
  const points = groups.flatMap(({ members }, group) =>
    members.flatMap((i): DrawnPoint[] => {
      const { metrics } = numbers.saes[i]
      return metrics ? [{ x: metrics.l0, y: metrics.mse, name: names[i], color: color(group) }] : []
    }),
  )
  return drawScatter(
    {
      name: 'mse-l0',
      title: 'Error against sparsity',
      caption: `MSE is the sum over d, mean over tokens; L0 the mean number of features that fire on a token; ${measuredOn(numbers)}.`,
    },
    points,
    {
      ...{ xLabel: 'L0', yLabel: 'MSE', labelled: points.length <= 5 },
      key: groups.map(({ name }, group) => ({ name, color: color(group) })).slice(0, 6),
    },
  )
}

/** Every figure of a report, by part. */
export function reportFigures(numbers: ReportNumbers): {
  matrices: Figure[]
  along: Figure[]
  densities: Figure[]
  quality: Figure[]
} {
  const measured = MEASURES.filter(
    ({ measure }) =>
      measure === 'mcs' || numbers.pearson.some((row, i) => row.some((v, j) => i !== j && v !== null)),
  )
  return {
    matrices: measured.flatMap((words) => matrixFigures(numbers, words)),
    along: measured.flatMap((words) => alongFigures(numbers, words)),
    densities: numbers.tokens === null ? [] : densityFigures(numbers),
    quality: numbers.tokens === null ? [] : [qualityFigure(numbers)],
  }
}
