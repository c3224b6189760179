// From a tile of the encoder product to sparse entries.
import { any16Above } from './vector'

/** What gather() answers when the entries do not fit. */
const FULL: u32 = 0xffffffff

/**
 * Appends the entries of tile [rows, width] whose value + bias exceeds cut to features/values, row after row, and
 * notes how many each row has. The tile's first column is feature `first`.
 * @returns entries in the store now, or FULL beyond `capacity`
 */
export function gather(
  tile: usize, rows: u32, width: u32, first: u32,
  bias: usize, cut: usize,
  features: usize, values: usize, used: u32, capacity: u32,
  counts: usize,
): u32 {
  for (let r: u32 = 0; r < rows; r++) {
    if (used + width > capacity && used + countAbove(tile, width, bias, cut) > capacity) return FULL
    const before = used
    let i: u32 = 0
    for (const end = width & ~3; i < end; i += 4) {
      const at = <usize>i << 2
      if ((i & 15) == 0 && i + 16 <= end && !any16Above(tile + at, bias + at, cut + at)) {
        i += 12
        continue
      }
      const v = f32x4.add(v128.load(tile + at), v128.load(bias + at))
      let hits = i32x4.bitmask(f32x4.gt(v, v128.load(cut + at)))
      if (hits == 0) continue
      do {
        const lane = ctz(hits)
        const l = <usize>lane << 2
        store<u32>(features + (<usize>used << 2), first + i + lane)
        store<f32>(values + (<usize>used << 2), load<f32>(tile + at + l) + load<f32>(bias + at + l))
        used++
        hits &= hits - 1
      } while (hits)
    }
    for (; i < width; i++) {
      const at = <usize>i << 2
      const v = load<f32>(tile + at) + load<f32>(bias + at)
      if (!(v > load<f32>(cut + at))) continue
      store<u32>(features + (<usize>used << 2), first + i)
      store<f32>(values + (<usize>used << 2), v)
      used++
    }
    store<u32>(counts + (<usize>r << 2), used - before)
    tile += <usize>width << 2
  }
  return used
}

function countAbove(row: usize, width: u32, bias: usize, cut: usize): u32 {
  let count: u32 = 0
  for (let i: usize = 0, end = <usize>width << 2; i < end; i += 4)
    count += u32(load<f32>(row + i) + load<f32>(bias + i) > load<f32>(cut + i))
  return count
}

/**
 * Puts a block's entries, which lie chunk of features by chunk, row by row, in the order of rows.
 * counts is [chunks, rows]; the block's rows start at rowStart/rowCount, its entries go to outFeatures/outValues,
 * which begin at entry number `base`.
 */
export function orderByRow(
  features: usize, values: usize, counts: usize, chunks: u32, rows: u32,
  rowStart: usize, rowCount: usize, outFeatures: usize, outValues: usize, base: u32,
): void {
  let at = base
  for (let r: u32 = 0; r < rows; r++) {
    let n: u32 = 0
    for (let c: u32 = 0; c < chunks; c++) n += load<u32>(counts + (<usize>(c * rows + r) << 2))
    store<u32>(rowStart + (<usize>r << 2), at)
    store<u32>(rowCount + (<usize>r << 2), 0)
    at += n
  }
  let from: usize = 0
  for (let c: u32 = 0; c < chunks; c++) {
    for (let r: u32 = 0; r < rows; r++) {
      const n = load<u32>(counts + (<usize>(c * rows + r) << 2))
      const filled = load<u32>(rowCount + (<usize>r << 2))
      const to = <usize>(load<u32>(rowStart + (<usize>r << 2)) + filled - base) << 2
      memory.copy(outFeatures + to, features + from, <usize>n << 2)
      memory.copy(outValues + to, values + from, <usize>n << 2)
      from += <usize>n << 2
      store<u32>(rowCount + (<usize>r << 2), filled + n)
    }
  }
}
