// The k largest of each row, kept while the row comes by tile after tile. Of equal values the lower feature wins.
import { rowAt } from './access'
import { any16AboveOne } from './vector'

/** The k-th largest of n values (1 ≤ k ≤ n), by quickselect; reorders them. */
export function kthLargest(values: usize, n: u32, k: u32): f32 {
  let low: i32 = 0
  let high: i32 = <i32>n - 1
  const wanted: i32 = <i32>k - 1
  while (low < high) {
    const pivot = medianOfThree(values, low, high)
    let i = low
    let j = high
    while (i <= j) {
      while (load<f32>(values + (<usize>i << 2)) > pivot) i++
      while (load<f32>(values + (<usize>j << 2)) < pivot) j--
      if (i > j) break
      const held = load<f32>(values + (<usize>i << 2))
      store<f32>(values + (<usize>i << 2), load<f32>(values + (<usize>j << 2)))
      store<f32>(values + (<usize>j << 2), held)
      i++
      j--
    }
    if (wanted <= j) high = j
    else if (wanted >= i) low = i
    else break
  }
  return load<f32>(values + (<usize>wanted << 2))
}

function medianOfThree(values: usize, low: i32, high: i32): f32 {
  const a = load<f32>(values + (<usize>low << 2))
  const b = load<f32>(values + (<usize>((low + high) >> 1) << 2))
  const c = load<f32>(values + (<usize>high << 2))
  return max(min(a, b), min(max(a, b), c))
}

/** Keeps the k largest of n entries in their order; returns the smallest kept value. n > k. */
function keepLargest(features: usize, values: usize, n: u32, k: u32, spare: usize): f32 {
  memory.copy(spare, values, <usize>n << 2)
  const cut = kthLargest(spare, n, k)
  let above: u32 = 0
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 4) above += u32(load<f32>(values + i) > cut)
  let equal = k - above
  let to: usize = 0
  for (let i: usize = 0, end = <usize>n << 2; i < end; i += 4) {
    const v = load<f32>(values + i)
    if (v < cut) continue
    if (v == cut) {
      if (equal == 0) continue
      equal--
    }
    store<f32>(values + to, v)
    store<u32>(features + to, load<u32>(features + i))
    to += 4
  }
  return cut
}

/**
 * Offers tile [rows, width] (values + bias, first column is feature `first`) to each row's store of `capacity` entries
 * (capacity ≥ k + 4). floors[r] starts at 0 (only positive values are kept) and rises to the smallest that can still
 * be among the k largest. spare holds `capacity` floats.
 */
export function offerLargest(
  tile: usize, rows: u32, width: u32, first: u32, bias: usize, k: u32,
  features: usize, values: usize, capacity: u32, counts: usize, floors: usize, spare: usize,
): void {
  const stride = <usize>capacity << 2
  for (let r: u32 = 0; r < rows; r++) {
    const f = rowAt(features, r, stride)
    const v = rowAt(values, r, stride)
    let n = load<u32>(counts + (<usize>r << 2))
    let floor = load<f32>(floors + (<usize>r << 2))
    let floors4 = f32x4.splat(floor)
    let i: u32 = 0
    for (const end = width & ~3; i < end; i += 4) {
      const at = <usize>i << 2
      if ((i & 15) == 0 && i + 16 <= end && !any16AboveOne(tile + at, bias + at, floors4)) {
        i += 12
        continue
      }
      const pre = f32x4.add(v128.load(tile + at), v128.load(bias + at))
      let hits = i32x4.bitmask(f32x4.gt(pre, floors4))
      if (hits == 0) continue
      do {
        const lane = ctz(hits)
        const l = <usize>lane << 2
        store<u32>(f + (<usize>n << 2), first + i + lane)
        store<f32>(v + (<usize>n << 2), load<f32>(tile + at + l) + load<f32>(bias + at + l))
        n++
        hits &= hits - 1
      } while (hits)
      if (n + 4 <= capacity) continue
      floor = keepLargest(f, v, n, k, spare)
      floors4 = f32x4.splat(floor)
      n = k
    }
    for (; i < width; i++) {
      const at = <usize>i << 2
      const pre = load<f32>(tile + at) + load<f32>(bias + at)
      if (!(pre > floor)) continue
      store<u32>(f + (<usize>n << 2), first + i)
      store<f32>(v + (<usize>n << 2), pre)
      n++
      if (n + 4 <= capacity) continue
      floor = keepLargest(f, v, n, k, spare)
      floors4 = f32x4.splat(floor)
      n = k
    }
    store<u32>(counts + (<usize>r << 2), n)
    store<f32>(floors + (<usize>r << 2), floor)
    tile += <usize>width << 2
  }
}

/** Writes the k largest of each row's store to outFeatures/outValues, k places a row from entry number `base` on. */
export function closeLargest(
  rows: u32, k: u32, features: usize, values: usize, capacity: u32, counts: usize, spare: usize,
  rowStart: usize, rowCount: usize, outFeatures: usize, outValues: usize, base: u32,
): void {
  const stride = <usize>capacity << 2
  for (let r: u32 = 0; r < rows; r++) {
    const f = rowAt(features, r, stride)
    const v = rowAt(values, r, stride)
    let n = load<u32>(counts + (<usize>r << 2))
    if (n > k) {
      keepLargest(f, v, n, k, spare)
      n = k
    }
    const to = <usize>(r * k) << 2
    memory.copy(outFeatures + to, f, <usize>n << 2)
    memory.copy(outValues + to, v, <usize>n << 2)
    store<u32>(rowStart + (<usize>r << 2), base + r * k)
    store<u32>(rowCount + (<usize>r << 2), n)
  }
}

/**
 * Of rows that have all their entries above a floor: the k largest of each to outFeatures/outValues, k places a row
 * from entry number `base` on. A row that has fewer is marked by rowCount k + 1: its floor was too high.
 * spare holds as many floats as the fullest row has entries.
 */
export function keepLargestOfRows(
  rows: u32, k: u32, starts: usize, counts: usize, features: usize, values: usize, spare: usize,
  rowStart: usize, rowCount: usize, outFeatures: usize, outValues: usize, base: u32,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    const at = <usize>load<u32>(starts + (<usize>r << 2)) << 2
    const n = load<u32>(counts + (<usize>r << 2))
    store<u32>(rowStart + (<usize>r << 2), base + r * k)
    store<u32>(rowCount + (<usize>r << 2), n < k ? k + 1 : k)
    if (n < k) continue
    if (n > k) keepLargest(features + at, values + at, n, k, spare)
    const to = <usize>(r * k) << 2
    memory.copy(outFeatures + to, features + at, <usize>k << 2)
    memory.copy(outValues + to, values + at, <usize>k << 2)
  }
}

/**
 * Keeps, of all rows' entries together, the `wanted` largest (fewer when there are not so many); of equal values the
 * earlier row, then the lower feature. spare holds as many floats as there are entries.
 * @returns the smallest kept value, or 0 when nothing is left
 */
export function keepLargestOfBatch(
  rows: u32, wanted: u32, rowStart: usize, rowCount: usize, features: usize, values: usize, spare: usize,
): f32 {
  let total: u32 = 0
  for (let r: u32 = 0; r < rows; r++) {
    const n = load<u32>(rowCount + (<usize>r << 2))
    memory.copy(spare + (<usize>total << 2), values + (<usize>load<u32>(rowStart + (<usize>r << 2)) << 2), <usize>n << 2)
    total += n
  }
  if (total == 0) return 0
  const cut = kthLargest(spare, total, min(wanted, total))
  if (total <= wanted) return cut
  let above: u32 = 0
  for (let i: usize = 0, end = <usize>total << 2; i < end; i += 4) above += u32(load<f32>(spare + i) > cut)
  let equal = wanted - above
  for (let r: u32 = 0; r < rows; r++) {
    const start = <usize>load<u32>(rowStart + (<usize>r << 2)) << 2
    const end = start + (<usize>load<u32>(rowCount + (<usize>r << 2)) << 2)
    let to = start
    for (let i = start; i < end; i += 4) {
      const v = load<f32>(values + i)
      if (v < cut) continue
      if (v == cut) {
        if (equal == 0) continue
        equal--
      }
      store<f32>(values + to, v)
      store<u32>(features + to, load<u32>(features + i))
      to += 4
    }
    store<u32>(rowCount + (<usize>r << 2), <u32>((to - start) >> 2))
  }
  return cut
}
