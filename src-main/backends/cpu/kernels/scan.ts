// Finds the few values of a long row that matter, four at a time. The comparison of dictionaries (compare/tile.ts) keeps
// only the best cosines of each feature: nearly all are refused here.

/**
 * Writes the places of the values in a row that are above `least` or above their own bar, ascending; returns how many.
 * row, bars: `count` floats; places: room for `count` words.
 */
export function placesAbove(row: usize, bars: usize, count: i32, least: f32, places: usize): i32 {
  const all = f32x4.splat(least)
  let found: i32 = 0
  let j: i32 = 0
  for (const end = count & ~7; j < end; j += 8) {
    const at = <usize>j << 2
    const low = f32x4.gt(v128.load(row + at), f32x4.min(all, v128.load(bars + at)))
    const high = f32x4.gt(v128.load(row + at, 16), f32x4.min(all, v128.load(bars + at, 16)))
    if (!v128.any_true(v128.or(low, high))) continue
    let bits = i32x4.bitmask(low) | (i32x4.bitmask(high) << 4)
    while (bits != 0) {
      store<i32>(places + ((<usize>found) << 2), j + ctz(bits))
      bits &= bits - 1
      found++
    }
  }
  for (; j < count; j++) {
    const at = <usize>j << 2
    const value = load<f32>(row + at)
    if (value > least || value > load<f32>(bars + at)) {
      store<i32>(places + ((<usize>found) << 2), j)
      found++
    }
  }
  return found
}
