/** Every half as a single: a look-up is faster than converting. Made when first needed. */
let singles: Float32Array | undefined

/** IEEE half precision, by the platform's own Float16Array (Node 24, Electron 45). */
export function f16ToF32(half: Uint16Array, out: Float32Array = new Float32Array(half.length)): Float32Array {
  singles ??= new Float32Array(
    new Float16Array(Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits).buffer),
  )
  const table = singles
  for (let i = 0; i < half.length; i++) out[i] = table[half[i]]
  return out
}

/** Rounds to nearest even; beyond ±65504 becomes infinite. */
export function f32ToF16(single: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Float16Array(single)
  return new Uint16Array(halves.buffer as ArrayBuffer, halves.byteOffset, halves.length)
}

/** bfloat16 is the upper half of a float32. */
export function bf16ToF32(
  half: Uint16Array,
  out: Float32Array = new Float32Array(half.length),
): Float32Array {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < half.length; i++) bits[i] = half[i] << 16
  return out
}
