// How many pre-activations lie at which height: enough to find the cut that lets a wanted number through.

/** Positive floats by their upper 16 bits, which are in the order of the values. */
export const LEVELS: u32 = 1 << 15

/** Adds the positive values + bias of tile [rows, width] to counts [LEVELS]. */
export function countLevels(tile: usize, rows: u32, width: u32, bias: usize, counts: usize): void {
  for (let r: u32 = 0; r < rows; r++) {
    for (let i: usize = 0, end = <usize>width << 2; i < end; i += 4) {
      const v = load<f32>(tile + i) + load<f32>(bias + i)
      if (!(v > 0)) continue
      const level = counts + (<usize>(reinterpret<u32>(v) >>> 16) << 2)
      store<u32>(level, load<u32>(level) + 1)
    }
    tile += <usize>width << 2
  }
}
