import type { SaeWeights } from '../../../../src-main/sae/weights.ts'

// What a SaeWeights means, written down as plainly as can be, in float64: what readers and folding are tested against.

interface Coded {
  /** [rows][dSae] */
  codes: number[][]
  /** [rows][dIn] */
  out: number[][]
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>, at = 0): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[at + i]
  return sum
}

function normalise(
  x: number[],
  how: SaeWeights['normalizeActivations'],
): { x: number[]; undo: (y: number) => number } {
  const d = x.length
  if (how === 'layer_norm') {
    const mean = x.reduce((s, v) => s + v, 0) / d
    const std = Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / (d - 1))
    return { x: x.map((v) => (v - mean) / (std + 1e-5)), undo: (y) => y * std + mean }
  }
  if (how === 'constant_norm_rescale') {
    const f = Math.sqrt(d) / Math.sqrt(dot(x, x))
    return { x: x.map((v) => v * f), undo: (y) => y / f }
  }
  return { x, undo: (y) => y }
}

function activate(w: SaeWeights, linear: number[]): number[] {
  const relu = (v: number): number => Math.max(0, v)
  if (w.rMag && w.bMag) {
    const { rMag, bMag, bEnc } = w
    return linear.map((v, j) => (v + bEnc[j] > 0 ? relu(v * Math.exp(rMag[j]) + bMag[j]) : 0))
  }
  const pre = linear.map((v, j) => v + w.bEnc[j])
  if (w.threshold) {
    const { threshold } = w
    return pre.map((v, j) => (v > threshold[j] ? relu(v) : 0))
  }
  if (w.k === undefined) return pre.map(relu)
  const row = (j: number): Float32Array => w.decoder.subarray(j * w.dIn, (j + 1) * w.dIn)
  const scaled = w.rescaleActsByDecoderNorm ? pre.map((v, j) => v * Math.sqrt(dot(row(j), row(j)))) : pre
  const kept = new Set(
    scaled
      .map((_, j) => j)
      .sort((a, b) => scaled[b] - scaled[a])
      .slice(0, w.k),
  )
  return scaled.map((v, j) => (kept.has(j) ? relu(v) : 0))
}

/** Codes and reconstructions of rows of dIn inputs. */
export function encodeDecode(w: SaeWeights, inputs: Float32Array): Coded {
  const result: Coded = { codes: [], out: [] }
  for (let t = 0; t < inputs.length; t += w.dIn) {
    const { x, undo } = normalise([...inputs.subarray(t, t + w.dIn)], w.normalizeActivations)
    const shifted = w.appliesBDecToInput ? x.map((v, i) => v - w.bDec[i]) : x
    const linear = Array.from({ length: w.dSae }, (_, j) => dot(shifted, w.encoder, j * w.dIn))
    const codes = activate(w, linear)
    const norm = (j: number): number => {
      const row = w.decoder.subarray(j * w.dIn, (j + 1) * w.dIn)
      return Math.sqrt(dot(row, row)) || 1
    }
    const out = Array.from({ length: w.dIn }, (_, i) =>
      undo(
        codes.reduce(
          (s, a, j) => s + (w.rescaleActsByDecoderNorm ? a / norm(j) : a) * w.decoder[j * w.dIn + i],
          w.bDec[i],
        ),
      ),
    )
    result.codes.push(codes)
    result.out.push(out)
  }
  return result
}

/** The largest absolute difference between two tables of numbers. */
export const difference = (a: number[][], b: number[][]): number =>
  Math.max(...a.map((row, t) => Math.max(...row.map((v, i) => Math.abs(v - b[t][i])))))
