import type { SaeWeights } from '../sae/weights.ts'
import { openFixedProduct } from './row-product.ts'
import { SimilarityScan, TILE_COLUMNS, TILE_ROWS, type Similarities } from './similarities.ts'

export type Directions = Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>
export interface CosineOptions {
  /** Matches kept per feature. */
  k: number
  /** Edges are kept above it. */
  floor: number
  threads?: number
  onTile?: (done: number, total: number) => void
}

/** Decoder rows at norm 1, as a new array; rows that are zero stay zero. */
export function unitRows({ decoder, dIn, dSae }: Directions): Float32Array {
  const out = new Float32Array(decoder.length)
  for (let j = 0; j < dSae; j++) {
    let square = 0
    for (let c = j * dIn; c < (j + 1) * dIn; c++) square += decoder[c] * decoder[c]
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0
    for (let c = j * dIn; c < (j + 1) * dIn; c++) out[c] = decoder[c] * scale
  }
  return out
}

/**
 * Decoder cosines of all pairs C = Ŵ_A Ŵ_Bᵀ (maths: similarity between two SAEs), tile by tile: what is kept is the k
 * best of each feature both ways and the pairs above the floor. The two must have the same d_in.
 */
export async function decoderCosine(
  a: Directions,
  b: Directions,
  options: CosineOptions,
): Promise<Similarities> {
  const d = a.dIn
  const [unitA, unitB] = [unitRows(a), unitRows(b)]
  const k = Math.min(options.k, Math.max(a.dSae, b.dSae))
  const scan = new SimilarityScan(a.dSae, b.dSae, { k, floor: options.floor })
  for (let bFrom = 0; bFrom < b.dSae; bFrom += TILE_COLUMNS) {
    const bRows = Math.min(TILE_COLUMNS, b.dSae - bFrom)
    const product = await openFixedProduct(unitB.subarray(bFrom * d, (bFrom + bRows) * d), bRows, d, options)
    try {
      for (let aFrom = 0; aFrom < a.dSae; aFrom += TILE_ROWS) {
        const aRows = Math.min(TILE_ROWS, a.dSae - aFrom)
        await product.multiply(unitA.subarray(aFrom * d, (aFrom + aRows) * d), aRows, scan.tile)
        scan.take(aFrom, aRows, bFrom, bRows)
        options.onTile?.(bFrom * a.dSae + bRows * (aFrom + aRows), a.dSae * b.dSae)
      }
    } finally {
      await product.close()
    }
  }
  return scan.finish()
}
