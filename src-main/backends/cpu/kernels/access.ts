// Reading and writing arrays of 4-byte numbers and rows.

@inline
export function word(base: usize, index: u32): u32 {
  return load<u32>(base + (<usize>index << 2))
}

@inline
export function real(base: usize, index: u32): f32 {
  return load<f32>(base + (<usize>index << 2))
}

@inline
export function putWord(base: usize, index: u32, value: u32): void {
  store<u32>(base + (<usize>index << 2), value)
}

@inline
export function putReal(base: usize, index: u32, value: f32): void {
  store<f32>(base + (<usize>index << 2), value)
}

/** The address of row `index` of a matrix whose rows have `bytes` bytes. */
@inline
export function rowAt(base: usize, index: u32, bytes: usize): usize {
  return base + <usize>index * bytes
}
