/** A source of numbers in [0, 1), passed in wherever something is random, so that a seed repeats everything. */
export type Random = () => number

/** Seeded numbers by mulberry32 over a splitmix-stirred seed: fast, 32 bits, good enough for starts and shuffles. */
export function seededRandom(seed: number): Random {
  let state = (Math.imul(seed | 0, 0x9e3779b9) + 0x85ebca6b) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Standard normal numbers (Box–Muller, one of the pair). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** [rows, d] directions, uniform on the sphere, each of length `norm`. */
export function randomDirections(rows: number, d: number, norm: number, random: Random): Float32Array {
  const out = new Float32Array(rows * d)
  const row = new Float64Array(d)
  for (let r = 0; r < rows; r++) {
    let square = 0
    for (let i = 0; i < d; i++) {
      row[i] = normal(random)
      square += row[i] * row[i]
    }
    const scale = norm / Math.sqrt(square)
    for (let i = 0; i < d; i++) out[r * d + i] = row[i] * scale
  }
  return out
}
