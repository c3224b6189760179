import { assertNever } from '#contract/assert-never.ts'
import type { ActivationDtype } from '#contract/activation-set.ts'
import { problem, type ProblemCode, type ProblemError } from '#contract/problem.ts'
import { f16ToF32, f32ToF16 } from '../store/float16.ts'

/** Whose values they are, for messages: a file or a hook point, and the number of the first token. */
export interface ValuesOf {
  subject: string
  /** What it is when one is not a number. */
  code: ProblemCode
  firstToken: number
  dIn: number
}

/** NaN for NaN and ±∞, else 0: the sum tells whether all are finite, without a branch a value. */
function allFinite(values: Float32Array): boolean {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * 0
  return sum === 0
}

function notStorable(values: Float32Array, at: number, of: ValuesOf, dtype: ActivationDtype): ProblemError {
  const token = of.firstToken + Math.floor(at / of.dIn)
  const place = `row ${token}, column ${at % of.dIn}`
  return Number.isFinite(values[at])
    ? problem(
        'bad-input',
        of.subject,
        `the value ${values[at]} at ${place} is beyond what ${dtype} holds (65504)`,
        'Choose f32.',
      )
    : problem(of.code, of.subject, `the value at ${place} is ${values[at]}`, 'Compute the activations again.')
}

/** The bytes that are stored for values. @throws Problem naming the first that is not finite, or too large for f16. */
export function encodeValues(values: Float32Array, dtype: ActivationDtype, of: ValuesOf): Uint8Array {
  if (!allFinite(values))
    throw notStorable(
      values,
      values.findIndex((v) => !Number.isFinite(v)),
      of,
      dtype,
    )
  switch (dtype) {
    case 'f32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    case 'f16': {
      const halves = f32ToF16(values)
      const infinite = halves.findIndex((half) => (half & 0x7c00) === 0x7c00)
      if (infinite >= 0) throw notStorable(values, infinite, of, dtype)
      return new Uint8Array(halves.buffer)
    }
    default:
      return assertNever(dtype)
  }
}

/** Stored bytes as float32; for f32 without a copy where they lie at a multiple of four. */
export function decodeValues(bytes: Uint8Array, dtype: ActivationDtype): Float32Array {
  const size = dtype === 'f16' ? 2 : 4
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice()
  const { buffer, byteOffset, byteLength } = aligned
  return dtype === 'f16'
    ? f16ToF32(new Uint16Array(buffer, byteOffset, byteLength / 2))
    : new Float32Array(buffer, byteOffset, byteLength / 4)
}
