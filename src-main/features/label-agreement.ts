import type { FeatureLabel, LabelAgreement } from '#contract/label.ts'
import type { LabelLine } from './label-line.ts'

type Row = LabelAgreement['rows'][number]
type LabelText = NonNullable<Row['mine']>

/** Upper case, punctuation and spaces do not make two labels different. */
const plain = (label: string): string =>
  label
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
    ?.join(' ') ?? ''

const textOf = ({ feature: _feature, ...text }: FeatureLabel): LabelText => text
const textOfLine = ({ change, author, updatedAt }: LabelLine): LabelText => ({
  label: change.label ?? '',
  notes: change.notes ?? '',
  tags: change.tags ?? [],
  starred: change.starred ?? false,
  uninterpretable: change.uninterpretable ?? false,
  confidence: change.confidence ?? null,
  author: author ?? '',
  updatedAt: updatedAt ?? new Date(0).toISOString(),
})

function verdictOf(mine: LabelText | null, theirs: LabelText | null): Row['verdict'] {
  if (!theirs) return 'only mine'
  if (!mine) return 'only theirs'
  const agree = plain(mine.label) === plain(theirs.label) && mine.uninterpretable === theirs.uninterpretable
  return agree ? 'same' : 'different'
}

/** Lays two people's labels side by side, by feature. */
export function labelAgreement(mine: readonly FeatureLabel[], theirs: readonly LabelLine[]): LabelAgreement {
  const ours = new Map(mine.map((label) => [label.feature, textOf(label)]))
  const others = new Map(theirs.map((line) => [line.feature, textOfLine(line)]))
  const features = [...new Set([...ours.keys(), ...others.keys()])].sort((a, b) => a - b)
  const rows = features.map((feature): Row => {
    const sides = { mine: ours.get(feature) ?? null, theirs: others.get(feature) ?? null }
    return { feature, ...sides, verdict: verdictOf(sides.mine, sides.theirs) }
  })
  const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length
  return {
    rows,
    same: count('same'),
    different: count('different'),
    onlyMine: count('only mine'),
    onlyTheirs: count('only theirs'),
    kappaUninterpretable: kappa(
      rows.flatMap(({ mine, theirs }) =>
        mine && theirs ? [[mine.uninterpretable, theirs.uninterpretable]] : [],
      ),
    ),
  }
}

/**
 * Cohen's kappa of two raters' yes and no: (p_o − p_e) / (1 − p_e), p_o the share they agree on, p_e the share they
 * would agree on by chance with the same numbers of yes. Null where p_e is 1 (both always say the same) or nothing is rated.
 */
export function kappa(pairs: readonly boolean[][]): number | null {
  const n = pairs.length
  if (n === 0) return null
  const share = (holds: (pair: boolean[]) => boolean): number => pairs.filter(holds).length / n
  const yesA = share(([a]) => a)
  const yesB = share(([, b]) => b)
  const byChance = yesA * yesB + (1 - yesA) * (1 - yesB)
  return byChance === 1 ? null : (share(([a, b]) => a === b) - byChance) / (1 - byChance)
}
