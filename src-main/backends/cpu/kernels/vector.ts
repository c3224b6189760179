// Rows of floats whose length is a multiple of 4 (the memory pads d with zeros); lengths are given in bytes.
// Plain SIMD128: the same bits on every processor. Several rows at a time share the loads of the one they meet.

/** y += a x */
@inline
export function axpy(y: usize, x: usize, a: f32, bytes: usize): void {
  const s = f32x4.splat(a)
  for (const end = y + bytes; y < end; y += 16, x += 16) {
    v128.store(y, f32x4.add(v128.load(y), f32x4.mul(s, v128.load(x))))
  }
}

/** y += a₀x₀ + a₁x₁ + a₂x₂ + a₃x₃ */
@inline
export function axpy4(
  y: usize,
  x0: usize, a0: f32,
  x1: usize, a1: f32,
  x2: usize, a2: f32,
  x3: usize, a3: f32,
  bytes: usize,
): void {
  const s0 = f32x4.splat(a0)
  const s1 = f32x4.splat(a1)
  const s2 = f32x4.splat(a2)
  const s3 = f32x4.splat(a3)
  for (let i: usize = 0; i < bytes; i += 16) {
    const low = f32x4.add(f32x4.mul(s0, v128.load(x0 + i)), f32x4.mul(s1, v128.load(x1 + i)))
    const high = f32x4.add(f32x4.mul(s2, v128.load(x2 + i)), f32x4.mul(s3, v128.load(x3 + i)))
    v128.store(y + i, f32x4.add(v128.load(y + i), f32x4.add(low, high)))
  }
}

/** The four lanes together. */
@inline
export function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/** x·y */
@inline
export function dot(x: usize, y: usize, bytes: usize): f32 {
  let even = f32x4.splat(0)
  let odd = f32x4.splat(0)
  let i: usize = 0
  for (const end = bytes & ~31; i < end; i += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(x + i), v128.load(y + i)))
    odd = f32x4.add(odd, f32x4.mul(v128.load(x + i, 16), v128.load(y + i, 16)))
  }
  if (i < bytes) even = f32x4.add(even, f32x4.mul(v128.load(x + i), v128.load(y + i)))
  return sum(f32x4.add(even, odd))
}

/** The four products x₀·y … x₃·y, one in each lane. */
@inline
export function dot4(x0: usize, x1: usize, x2: usize, x3: usize, y: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(y + i)
    s0 = f32x4.add(s0, f32x4.mul(v128.load(x0 + i), v))
    s1 = f32x4.add(s1, f32x4.mul(v128.load(x1 + i), v))
    s2 = f32x4.add(s2, f32x4.mul(v128.load(x2 + i), v))
    s3 = f32x4.add(s3, f32x4.mul(v128.load(x3 + i), v))
  }
  return f32x4(sum(s0), sum(s1), sum(s2), sum(s3))
}

/** x *= a */
@inline
export function scale(x: usize, a: f32, bytes: usize): void {
  const s = f32x4.splat(a)
  for (const end = x + bytes; x < end; x += 16) v128.store(x, f32x4.mul(s, v128.load(x)))
}

@inline
export function zero(x: usize, bytes: usize): void {
  memory.fill(x, 0, bytes)
}

/** error = scale·(reconstruction − target); returns ‖reconstruction − target‖². */
export function residual(reconstruction: usize, target: usize, error: usize, scale: f32, bytes: usize): f32 {
  const s = f32x4.splat(scale)
  let squares = f32x4.splat(0)
  for (let i: usize = 0; i < bytes; i += 16) {
    const e = f32x4.sub(v128.load(reconstruction + i), v128.load(target + i))
    squares = f32x4.add(squares, f32x4.mul(e, e))
    v128.store(error + i, f32x4.mul(e, s))
  }
  return sum(squares)
}

/** Whether any of 16 values + bias exceeds its cut: most of a tile is passed over by this alone. */
@inline
export function any16Above(values: usize, bias: usize, cuts: usize): bool {
  const a = f32x4.gt(f32x4.add(v128.load(values), v128.load(bias)), v128.load(cuts))
  const b = f32x4.gt(f32x4.add(v128.load(values, 16), v128.load(bias, 16)), v128.load(cuts, 16))
  const c = f32x4.gt(f32x4.add(v128.load(values, 32), v128.load(bias, 32)), v128.load(cuts, 32))
  const d = f32x4.gt(f32x4.add(v128.load(values, 48), v128.load(bias, 48)), v128.load(cuts, 48))
  return v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))
}

/** The same with one cut for all. */
@inline
export function any16AboveOne(values: usize, bias: usize, cut: v128): bool {
  const a = f32x4.gt(f32x4.add(v128.load(values), v128.load(bias)), cut)
  const b = f32x4.gt(f32x4.add(v128.load(values, 16), v128.load(bias, 16)), cut)
  const c = f32x4.gt(f32x4.add(v128.load(values, 32), v128.load(bias, 32)), cut)
  const d = f32x4.gt(f32x4.add(v128.load(values, 48), v128.load(bias, 48)), cut)
  return v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))
}
