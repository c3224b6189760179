// The same entries by feature: for each feature its rows, ascending. Threads share the work by ranges of features.
import { Codes } from './structs'

/** Counts the entries of features [from, to) into columnStart[feature + 1]. */
export function countColumns(codes: Codes, rows: u32, from: u32, to: u32): void {
  memory.fill(codes.columnStart + (<usize>(from + 1) << 2), 0, <usize>(to - from) << 2)
  const width = to - from
  for (let r: u32 = 0; r < rows; r++) {
    let at = codes.feature + (<usize>load<u32>(codes.rowStart + (<usize>r << 2)) << 2)
    const end = at + (<usize>load<u32>(codes.rowCount + (<usize>r << 2)) << 2)
    for (; at < end; at += 4) {
      const feature = load<u32>(at)
      if (feature - from >= width) continue
      const count = codes.columnStart + (<usize>(feature + 1) << 2)
      store<u32>(count, load<u32>(count) + 1)
    }
  }
}

/** Turns the counts into starts. */
export function startColumns(codes: Codes, features: u32): void {
  let sum: u32 = 0
  store<u32>(codes.columnStart, 0)
  for (let j: usize = 4, end = <usize>features << 2; j <= end; j += 4) {
    sum += load<u32>(codes.columnStart + j)
    store<u32>(codes.columnStart + j, sum)
  }
}

/** Fills the places of features [from, to). next holds one number per feature. */
export function fillColumns(codes: Codes, rows: u32, from: u32, to: u32, next: usize): void {
  const width = to - from
  memory.copy(next + (<usize>from << 2), codes.columnStart + (<usize>from << 2), <usize>width << 2)
  for (let r: u32 = 0; r < rows; r++) {
    const start = load<u32>(codes.rowStart + (<usize>r << 2))
    const end = start + load<u32>(codes.rowCount + (<usize>r << 2))
    for (let entry = start; entry < end; entry++) {
      const feature = load<u32>(codes.feature + (<usize>entry << 2))
      if (feature - from >= width) continue
      const cursor = next + (<usize>feature << 2)
      const place = <usize>load<u32>(cursor) << 2
      store<u32>(codes.columnRow + place, r)
      store<u32>(codes.columnEntry + place, entry)
      store<u32>(cursor, load<u32>(cursor) + 1)
    }
  }
}
