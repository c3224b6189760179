// Rows of a group of activations in a given order (activations/shuffled-batches.ts). Addresses are of the memory the
// module is given; rows lie one after the other. Few bytes are copied faster here than through JavaScript's copy of
// parts of arrays, whose call alone takes longer than a short row.

/** Rows order[0 … count − 1] of `rows`, each of `bytes` bytes, into consecutive rows of `out`. */
export function gatherRows(rows: usize, order: usize, count: u32, bytes: usize, out: usize): void {
  for (let i: u32 = 0; i < count; i++, out += bytes) {
    const from = rows + <usize>load<u32>(order + (<usize>i << 2)) * bytes
    let at: usize = 0
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, v128.load(from + at))
    for (; at < bytes; at += 4) store<u32>(out + at, load<u32>(from + at))
  }
}

/**
 * Four halves, each in the low 16 bits of its lane, as singles: the exponent is moved to where a single has it and
 * scaled by 2¹¹², which is exact, subnormals included; what was infinite or NaN keeps an exponent of ones.
 */
@inline
function singles(halves: v128): v128 {
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16)
  const magnitude = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13)
  const special = v128.and(i32x4.ge_u(magnitude, i32x4.splat(0x0f800000)), i32x4.splat(0x7f800000))
  const scaled = f32x4.mul(magnitude, i32x4.splat(0x77800000))
  return v128.or(v128.or(scaled, special), sign)
}

/** As gatherRows, of rows of `dIn` halves, given as singles. */
export function gatherHalves(rows: usize, order: usize, count: u32, dIn: usize, out: usize): void {
  for (let i: u32 = 0; i < count; i++, out += dIn << 2) {
    const from = rows + <usize>load<u32>(order + (<usize>i << 2)) * (dIn << 1)
    let at: usize = 0
    for (; at + 8 <= dIn; at += 8) {
      const eight = v128.load(from + (at << 1))
      v128.store(out + (at << 2), singles(i32x4.extend_low_i16x8_u(eight)))
      v128.store(out + (at << 2), singles(i32x4.extend_high_i16x8_u(eight)), 16)
    }
    for (; at < dIn; at++) {
      const one = singles(i32x4.splat(<i32>load<u16>(from + (at << 1))))
      store<f32>(out + (at << 2), f32x4.extract_lane(one, 0))
    }
  }
}
