// Keeps the best cosines of each feature from a row of a tile (compare/similarities.ts): eight values at a time are
// refused by one comparison, and the few that are not go into ranked lists.

/** Puts a value into a ranked list of k, largest first; equal values keep the order they came in. */
@inline
function insert(values: usize, features: usize, k: i32, value: f32, feature: i32): void {
  let at = k - 1
  while (at > 0 && load<f32>(values + ((<usize>at - 1) << 2)) < value) {
    store<f32>(values + (<usize>at << 2), load<f32>(values + ((<usize>at - 1) << 2)))
    store<i32>(features + (<usize>at << 2), load<i32>(features + ((<usize>at - 1) << 2)))
    at--
  }
  store<f32>(values + (<usize>at << 2), value)
  store<i32>(features + (<usize>at << 2), feature)
}

/**
 * Row `a` of the matrix, columns bFrom … bFrom + count − 1.
 * aValues, aFeatures: row a's list of k. bValues, bFeatures: every column's list of k. bars: every column's k-th best.
 * edges: room for `count` words; the places in the row above `floor` are written there, ascending.
 * @returns how many those are
 */
export function scanRow(
  row: usize,
  count: i32,
  a: i32,
  bFrom: i32,
  k: i32,
  floor: f32,
  aValues: usize,
  aFeatures: usize,
  bValues: usize,
  bFeatures: usize,
  bars: usize,
  edges: usize,
): i32 {
  const last = (<usize>k - 1) << 2
  const ownBars = bars + (<usize>bFrom << 2)
  let found: i32 = 0
  for (let j: i32 = 0; j < count; j += 8) {
    const at = <usize>j << 2
    let bits: i32
    if (j + 8 <= count) {
      const all = f32x4.splat(min<f32>(load<f32>(aValues + last), floor))
      const low = f32x4.gt(v128.load(row + at), f32x4.min(all, v128.load(ownBars + at)))
      const high = f32x4.gt(v128.load(row + at, 16), f32x4.min(all, v128.load(ownBars + at, 16)))
      if (!v128.any_true(v128.or(low, high))) continue
      bits = i32x4.bitmask(low) | (i32x4.bitmask(high) << 4)
    } else bits = (1 << (count - j)) - 1
    while (bits != 0) {
      const place = j + ctz(bits)
      bits &= bits - 1
      const value = load<f32>(row + (<usize>place << 2))
      const b = bFrom + place
      if (value > load<f32>(aValues + last)) insert(aValues, aFeatures, k, value, b)
      if (value > load<f32>(bars + (<usize>b << 2))) {
        const list = <usize>(b * k) << 2
        insert(bValues + list, bFeatures + list, k, value, a)
        store<f32>(bars + (<usize>b << 2), load<f32>(bValues + list + last))
      }
      if (value > floor) {
        store<i32>(edges + (<usize>found << 2), place)
        found++
      }
    }
  }
  return found
}
