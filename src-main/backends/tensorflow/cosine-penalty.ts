import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './load.ts'

/** Features whose pairs with all others are looked at together. */
const CHUNK = 2048

/**
 * Mean squared cosine of decoder rows [F, d] that fire together (math/cosine-penalty.ts): Σ_ij C_ij G_ij² over pairs,
 * C = how often i and j fire together, G their cosine; a chunk of rows of C and G at a time.
 */
export function cosinePenalty(tf: Tf, codes: Tensor2D, decoder: Tensor2D): Scalar {
  const fires = tf.cast(tf.greater(codes, 0), 'float32') as Tensor2D
  const perToken = tf.sum(fires, 1)
  const pairs = tf.div(tf.sum(tf.mul(perToken, tf.sub(perToken, 1))), 2) as Scalar
  const apply = tf.customGrad((...inputs) => {
    const [rows, save] = inputs as unknown as [Tensor2D, (tensors: Tensor2D[]) => void]
    const { value, gradient } = valueAndGradient(tf, fires, rows, pairs)
    save([gradient])
    const gradFunc = (dy: unknown, saved: unknown[]) => tf.mul(dy as Scalar, saved[0] as Tensor2D)
    return { value, gradFunc }
  })
  return apply(decoder) as Scalar
}

function valueAndGradient(
  tf: Tf,
  fires: Tensor2D,
  rows: Tensor2D,
  pairs: Scalar,
): { value: Scalar; gradient: Tensor2D } {
  const [features, d] = rows.shape
  const norms = tf.maximum(tf.norm(rows, 'euclidean', 1, true), 1e-30)
  const unit = tf.div(rows, norms) as Tensor2D
  const each = tf.maximum(pairs, 1)
  const sums: Scalar[] = []
  const gradients: Tensor2D[] = []
  for (let from = 0; from < features; from += CHUNK) {
    const count = Math.min(CHUNK, features - from)
    const own = tf.slice(unit, [from, 0], [count, d])
    const cosines = tf.matMul(own, unit, false, true)
    const together = tf.matMul(tf.slice(fires, [0, from], [-1, count]), fires, true, false)
    const others = tf.sub(1, tf.pad(tf.eye(count), [[0, 0], [from, features - from - count]])) // prettier-ignore
    const weights = tf.mul(together, others)
    sums.push(tf.sum(tf.mul(weights, tf.square(cosines))))
    // ∂/∂ŵ_i = Σ_j 2 C_ij G_ij ŵ_j, then its part along ŵ_i off, over the norm.
    const pull = tf.matMul(tf.mul(tf.mul(weights, cosines), 2) as Tensor2D, unit)
    const along = tf.sum(tf.mul(pull, own), 1, true)
    const turned = tf.div(tf.sub(pull, tf.mul(own, along)), tf.slice(norms, [from, 0], [count, 1]))
    gradients.push(tf.div(turned, each))
  }
  // Every pair was met from both sides.
  const value = tf.div(tf.addN(sums), tf.mul(each, 2)) as Scalar
  return { value, gradient: tf.concat(gradients, 0) as Tensor2D }
}
