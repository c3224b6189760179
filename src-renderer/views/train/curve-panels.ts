import type { CurvePoint } from '#contract/training.ts'

/** One chart of curves: a number of every point. */
export interface CurvePanel {
  title: string
  yLabel: string
  /** null where it was not measured. */
  value(point: CurvePoint, width: number): number | null
  logY?: boolean
  /** Values that the axis shows in any case. */
  include?: number[]
  /** Left out while it is 0 or unknown everywhere: a part of the loss that no kind here has, a measure not taken. */
  optional?: boolean
  /** Where dead features were resampled is marked. */
  marksResampling?: boolean
}

export const GROUPS = ['quality', 'loss', 'steps'] as const
export type Group = (typeof GROUPS)[number]

export const PANELS: Record<Group, CurvePanel[]> = {
  quality: [
    { title: 'MSE', yLabel: 'MSE', value: ({ mse }) => mse, logY: true },
    { title: 'Explained variance', yLabel: 'EV', value: ({ explainedVariance }) => explainedVariance },
    { title: 'L0', yLabel: 'features per token', value: ({ l0 }) => l0, include: [0] },
    {
      title: 'Dead features',
      yLabel: 'share of features',
      value: ({ dead }, width) => dead / width,
      include: [0, 0.02],
      marksResampling: true,
    },
    {
      title: 'CE recovered',
      yLabel: 'of zero ablation',
      value: ({ ceRecovered }) => ceRecovered,
      include: [1],
      optional: true,
    },
  ],
  loss: [
    { title: 'Loss', yLabel: 'on normalised inputs', value: ({ loss }) => loss, logY: true },
    {
      title: 'Reconstruction',
      yLabel: 'of the loss',
      value: ({ reconstruction }) => reconstruction,
      logY: true,
    },
    { title: 'Sparsity', yLabel: 'of the loss', value: ({ sparsity }) => sparsity, optional: true },
    { title: 'Aux', yLabel: 'of the loss', value: ({ aux }) => aux, optional: true },
    { title: 'Decoder cosine', yLabel: 'of the loss', value: ({ cosine }) => cosine, optional: true },
  ],
  steps: [
    { title: 'Learning rate', yLabel: 'rate', value: ({ learningRate }) => learningRate, include: [0] },
    {
      title: 'λ',
      yLabel: 'weight',
      value: ({ sparsityWeight }) => sparsityWeight,
      include: [0],
      optional: true,
    },
    {
      title: 'Gradient norm',
      yLabel: 'before clipping',
      value: ({ gradientNorm }) => gradientNorm,
      logY: true,
    },
    {
      title: 'Speed',
      yLabel: 'tokens per second',
      value: ({ tokensPerSecond }) => tokensPerSecond,
      include: [0],
    },
  ],
}

/** A curve of a panel, without the points where it was not measured. */
export function curveOf(
  points: readonly CurvePoint[],
  panel: CurvePanel,
  width: number,
): { x: Float64Array; y: Float64Array } {
  const measured = points.flatMap((point) => {
    const y = panel.value(point, width)
    return y === null ? [] : [{ x: point.tokens, y }]
  })
  return { x: Float64Array.from(measured, ({ x }) => x), y: Float64Array.from(measured, ({ y }) => y) }
}
