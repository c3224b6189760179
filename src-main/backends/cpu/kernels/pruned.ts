// From 8-bit products to exact entries. With x ≈ s q, w ≈ s' q' (quantise.ts) the true product lies within
//   |x·w − s s' q·q'| ≤ ‖x − s q‖·‖s' q'‖ + ‖x‖·‖w − s' q'‖   (Cauchy–Schwarz)
// of the 8-bit one. Where even the upper end is not above the limit the feature cannot fire; all others are computed
// exactly. So no entry is ever missed, and every value is a float32 product.
import { putReal, putWord, real, rowAt, word } from './access'
import { dot4 } from './vector'

/** Of sums and products of offsets in float32, generously. */
const ROUNDING: f32 = 1e-6

/** What gatherPruned() answers when entries do not fit, and when so many are in doubt that pruning does not pay. */
const FULL: u32 = 0xffffffff
const USELESS: u32 = 0xfffffffe

/** What is known of rows and features beside their 8-bit products (addresses). */
@unmanaged
export class Bounds {
  /** Per feature: scale, ‖s' q'‖, ‖w − s' q'‖, what is added to a product, what then must be exceeded. */
  scales: usize
  norms: usize
  errors: usize
  bias: usize
  cut: usize
  /** Per row: what its values must exceed beside the cut; and over its scale: ‖x − s q‖, ‖x‖, 1, that floor. */
  floors: usize
  rowErrors: usize
  rowNorms: usize
  inverses: usize
  limits: usize
}

/** 1s where the upper ends of four rows are above their limits. */
@inline
function above(
  at: usize, tile: usize, bounds: Bounds, scale: v128, norm: v128, error: v128, offset: v128,
): v128 {
  const product = f32x4.mul(f32x4.convert_i32x4_s(v128.load(tile + at)), scale)
  const doubt = f32x4.add(
    f32x4.mul(v128.load(bounds.rowErrors + at), norm),
    f32x4.mul(v128.load(bounds.rowNorms + at), error),
  )
  const added = f32x4.mul(v128.load(bounds.inverses + at), offset)
  return f32x4.gt(f32x4.add(f32x4.add(product, doubt), added), v128.load(bounds.limits + at))
}

/** Rows of the tile's feature whose upper end is above the limit, into `rows`. @returns how many */
@inline
function inDoubt(tile: usize, count: u32, bounds: Bounds, j: u32, rows: usize): u32 {
  const scale = f32x4.splat(real(bounds.scales, j))
  const norm = f32x4.splat(real(bounds.norms, j))
  const error = f32x4.splat(real(bounds.errors, j))
  const exact = real(bounds.bias, j) - real(bounds.cut, j)
  const offset = f32x4.splat(exact + abs(exact) * ROUNDING)
  let found: u32 = 0
  for (let t: u32 = 0; t < count; t += 16) {
    const at = <usize>t << 2
    const a = above(at, tile, bounds, scale, norm, error, offset)
    const b = above(at + 16, tile, bounds, scale, norm, error, offset)
    const c = above(at + 32, tile, bounds, scale, norm, error, offset)
    const d = above(at + 48, tile, bounds, scale, norm, error, offset)
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue
    let hits = i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(c) << 8) | (i32x4.bitmask(d) << 12)
    while (hits) {
      putWord(rows, found++, t + ctz(hits))
      hits &= hits - 1
    }
  }
  return found
}

/**
 * Looks through tile [width, count] of 8-bit products (a feature's rows lie together; count is a multiple of 16) and
 * appends to entryRows/features/values the entries whose exact value + bias exceeds cut and floor.
 * @param inputs [count, d] and encoder [.., d] in float32
 * @param candidates room for `count` numbers
 * @param examined address of how many products were computed exactly so far (at most `most`), with 32 bytes of room
 * @returns entries in the store now, FULL, or USELESS
 */
export function gatherPruned(
  tile: usize, width: u32, count: u32, first: u32, bounds: Bounds,
  inputs: usize, encoder: usize, d: u32,
  entryRows: usize, features: usize, values: usize, used: u32, capacity: u32,
  candidates: usize, examined: usize, most: u32,
): u32 {
  const bytes = <usize>d << 2
  let seen = load<u32>(examined)
  const four = examined + 16
  for (let c: u32 = 0; c < width; c++, tile += <usize>count << 2) {
    const j = first + c
    const found = inDoubt(tile, count, bounds, j, candidates)
    seen += found
    if (seen > most) return USELESS
    if (used + found > capacity) return FULL
    const row = rowAt(encoder, j, bytes)
    const bias = real(bounds.bias, j)
    const cut = real(bounds.cut, j)
    // In fours, the last ones repeated: every value comes from the same sum in the same order.
    for (let i: u32 = 0; i < found; i += 4) {
      const t0 = word(candidates, i)
      const t1 = word(candidates, min(i + 1, found - 1))
      const t2 = word(candidates, min(i + 2, found - 1))
      const t3 = word(candidates, min(i + 3, found - 1))
      const products = dot4(
        rowAt(inputs, t0, bytes), rowAt(inputs, t1, bytes), rowAt(inputs, t2, bytes), rowAt(inputs, t3, bytes), row, bytes,
      )
      v128.store(four, products)
      for (let lane: u32 = 0; lane < min<u32>(4, found - i); lane++) {
        const t = word(candidates, i + lane)
        const value = real(four, lane) + bias
        if (!(value - cut > real(bounds.floors, t))) continue
        putWord(entryRows, used, t)
        putWord(features, used, j)
        putReal(values, used++, value)
      }
    }
  }
  store<u32>(examined, seen)
  return used
}

/** Puts entries that came feature by feature in the order of rows; rowStart and rowCount are [rows]. */
export function orderPruned(
  entryRows: usize, features: usize, values: usize, entries: u32, rows: u32,
  rowStart: usize, rowCount: usize, outFeatures: usize, outValues: usize, base: u32,
): void {
  memory.fill(rowCount, 0, <usize>rows << 2)
  for (let entry: u32 = 0; entry < entries; entry++) {
    const r = word(entryRows, entry)
    putWord(rowCount, r, word(rowCount, r) + 1)
  }
  let start = base
  for (let r: u32 = 0; r < rows; r++) {
    putWord(rowStart, r, start)
    start += word(rowCount, r)
    putWord(rowCount, r, 0)
  }
  for (let entry: u32 = 0; entry < entries; entry++) {
    const r = word(entryRows, entry)
    const filled = word(rowCount, r)
    const place = word(rowStart, r) + filled - base
    putWord(outFeatures, place, word(features, entry))
    putReal(outValues, place, real(values, entry))
    putWord(rowCount, r, filled + 1)
  }
}

/** features[i] = table[features[i]]: from places among the dead to numbers of features. */
export function renumber(features: usize, count: u32, table: usize): void {
  for (let i: u32 = 0; i < count; i++) putWord(features, i, word(table, word(features, i)))
}
