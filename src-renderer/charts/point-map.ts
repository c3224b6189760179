import { polygonContains } from 'd3'
import type { ScatterPoints } from './scatter.ts'

const MARGIN = 10

/** Pixels of points whose axes mean nothing: one scale both ways, centred. Two entries a point. */
export function placedOnMap({ x, y }: ScatterPoints, width: number, height: number): Float32Array {
  const at = new Float32Array(2 * x.length)
  if (x.length === 0) return at
  const range = (values: ArrayLike<number>): [number, number] => {
    let [low, high] = [Infinity, -Infinity]
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i])
      high = Math.max(high, values[i])
    }
    return [low, high]
  }
  const [left, right] = range(x)
  const [low, high] = range(y)
  const room = (size: number): number => Math.max(1, size - 2 * MARGIN)
  const scale = Math.min(room(width) / (right - left || 1), room(height) / (high - low || 1))
  for (let i = 0; i < x.length; i++) {
    at[2 * i] = width / 2 + scale * (x[i] - (left + right) / 2)
    at[2 * i + 1] = height / 2 - scale * (y[i] - (low + high) / 2)
  }
  return at
}

export type Corner = [number, number]

/** The points inside a line drawn around them. */
export function insideLasso(at: Float32Array, lasso: Corner[]): number[] {
  const inside: number[] = []
  for (let i = 0; i < at.length / 2; i++)
    if (polygonContains(lasso, [at[2 * i], at[2 * i + 1]])) inside.push(i)
  return inside
}
