import { USUAL_THRESHOLD } from '../compare/comparison-state.svelte.ts'
import type { BenchOnScreen } from './bench-on-screen.svelte.ts'

// The address keeps the threshold and what is picked: `t=0.62&pick=b3.17`. It can be sent to someone, and survives a reload.

/** More than that are not worth an address that nobody can read. */
const MOST_PICKED = 20

export function readAddress(bench: BenchOnScreen, { t, pick }: Record<string, string>): void {
  if (t) bench.threshold = Math.min(1, Math.max(0, Number(t) || 0))
  const [, side, numbers] = /^([ab])([\d.]+)$/.exec(pick ?? '') ?? []
  if (!numbers) return
  const origin = side === 'a' ? 'base' : 'donor'
  const features = numbers.split('.').filter(Boolean).map(Number)
  if (features.every((feature) => feature < bench.parent(origin).count)) bench.pick({ origin, features })
}

export function writeAddress({ threshold, picked }: BenchOnScreen): Record<string, string> {
  const t = threshold.toFixed(2)
  const kept = picked && picked.features.length > 0 && picked.features.length <= MOST_PICKED
  return {
    t: t === USUAL_THRESHOLD.toFixed(2) ? '' : t,
    pick: kept ? `${picked.origin === 'base' ? 'a' : 'b'}${picked.features.join('.')}` : '',
  }
}
