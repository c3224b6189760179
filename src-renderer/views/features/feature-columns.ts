import type { Column } from '../../components/table-rows.ts'
import { count, number, percent } from '#figures/number.ts'
import { densityOf, meanWhereFiring, type FeatureStatistics } from '../../state/feature-order.ts'

/** Numbers near one, aligned at their point. */
const fixed = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3).replace('-', '−'))

/** The columns of the list of features; a row is a feature's number. `other` is the SAE it is compared with. */
export function featureColumns(table: FeatureStatistics, other: string | null): Column<number>[] {
  const T = count(table.index.countedTokens)
  const right = { align: 'right', sort: 'descending' } as const
  const { maxCosine } = table
  const compared: Column<number>[] =
    maxCosine && other !== null
      ? [
          {
            ...right,
            id: 'maxcos',
            label: 'max cos',
            width: '72px',
            tip: `Largest decoder cosine with a feature of ${other}`,
            text: (feature) => fixed(maxCosine[feature]),
          },
        ]
      : []
  return [
    { id: 'number', label: '#', width: '64px', align: 'right', sort: 'ascending', text: count },
    { id: 'label', label: 'label', width: 'minmax(110px, 1fr)', sort: 'ascending' },
    {
      ...right,
      id: 'density',
      label: 'density',
      width: '82px',
      tip: `Share of ${T} tokens it fires on`,
      text: (feature) => percent(densityOf(table, feature)),
    },
    {
      ...right,
      id: 'max',
      label: 'max',
      width: '66px',
      tip: 'Largest activation',
      text: (feature) => number(table.max[feature], 3),
    },
    {
      ...right,
      id: 'mean',
      from: 440,
      label: 'mean',
      width: '66px',
      tip: 'Mean activation over the tokens it fires on',
      text: (feature) => number(meanWhereFiring(table, feature), 3),
    },
    ...compared,
    {
      ...right,
      id: 'norm',
      from: 600,
      label: 'norm',
      width: '62px',
      tip: '‖W_dec‖ of its row',
      text: (feature) => fixed(table.decoderNorm[feature]),
    },
    {
      ...right,
      id: 'dimensionality',
      from: 540,
      label: 'dim.',
      width: '62px',
      tip: 'Feature dimensionality ‖W‖² / Σ(Ŵ·Wᵢ)²: 1 for a direction of its own',
      text: (feature) => fixed(table.dimensionality[feature]),
    },
    {
      ...right,
      id: 'cosine',
      from: 680,
      label: 'enc·dec',
      width: '72px',
      tip: 'Cosine of its encoder row with its decoder row',
      text: (feature) => fixed(table.encoderDecoderCosine[feature]),
    },
  ]
}
