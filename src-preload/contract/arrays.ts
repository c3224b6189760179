import { z } from 'zod'

// Typed arrays as they cross between processes: their bytes, never lists of numbers.
export const Float32s = z.custom<Float32Array>((value) => value instanceof Float32Array, 'a Float32Array')
export const Float64s = z.custom<Float64Array>((value) => value instanceof Float64Array, 'a Float64Array')
export const Int32s = z.custom<Int32Array>((value) => value instanceof Int32Array, 'an Int32Array')
export const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'a Uint8Array')
export const Uint32s = z.custom<Uint32Array>((value) => value instanceof Uint32Array, 'a Uint32Array')
