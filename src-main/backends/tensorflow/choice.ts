import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import type { Tf } from './load.ts'

// Which features fire, as masks of 0 and 1 that the gradient does not see.

/** Runs f without a gradient: what it gives counts as a constant. */
function constant<T extends Tensor>(tf: Tf, x: Tensor2D, f: (x: Tensor2D) => T): T {
  const apply = tf.customGrad((...inputs) => {
    const [tensor] = inputs as [Tensor2D]
    const { shape } = tensor // the tensor itself may be gone when the gradient is asked for
    return { value: f(tensor), gradFunc: () => tf.zeros(shape) }
  })
  return apply(x) as T
}

export function positive(tf: Tf, pre: Tensor2D): Tensor2D {
  return constant(tf, pre, (x) => tf.cast(tf.greater(x, 0), 'float32'))
}

/** The k largest positive of each row; where several are equal to the k-th, all of them. */
export function largestOfEachRow(tf: Tf, pre: Tensor2D, k: number): Tensor2D {
  return constant(tf, pre, (x) => {
    const least = tf.slice(tf.topk(x, k).values, [0, k - 1], [x.shape[0], 1])
    return tf.cast(tf.logicalAnd(tf.greaterEqual(x, least), tf.greater(x, 0)), 'float32') as Tensor2D
  })
}

/** The `count` largest positive of the whole batch. */
export function largestOfBatch(tf: Tf, pre: Tensor2D, count: number): Tensor2D {
  return constant(tf, pre, (x) => {
    const flat = tf.reshape(x, [1, x.size])
    const k = Math.min(count, x.size)
    const least = tf.slice(tf.topk(flat, k).values, [0, k - 1], [1, 1])
    return tf.cast(tf.logicalAnd(tf.greaterEqual(x, least), tf.greater(x, 0)), 'float32') as Tensor2D
  })
}

/**
 * jumprelu: pre · 1[pre > θ], with the straight-through estimator −(θ/ε)·1[|pre − θ| < ε/2] for θ
 * (sae/architectures/jumprelu.ts).
 */
export function jump(tf: Tf, pre: Tensor2D, threshold: Tensor1D, bandwidth: number): Tensor2D {
  const apply = tf.customGrad((...inputs) => {
    const [x, theta, save] = inputs as unknown as [Tensor2D, Tensor1D, (tensors: Tensor[]) => void]
    save([x, theta])
    const value = tf.mul(x, tf.cast(tf.greater(x, theta), 'float32'))
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [p, t] = saved as [Tensor2D, Tensor1D]
      const ofTheta = tf.mul(tf.mul(dy, nearby(tf, p, t, bandwidth)), tf.div(tf.neg(t), bandwidth))
      return [tf.mul(dy, tf.cast(tf.greater(p, t), 'float32')), tf.sum(ofTheta, 0)]
    }
    return { value, gradFunc }
  })
  return apply(pre, threshold) as Tensor2D
}

/** The count of pre > θ, with the estimator −(1/ε)·1[|pre − θ| < ε/2] for θ and no gradient for pre. */
export function countAbove(tf: Tf, pre: Tensor2D, threshold: Tensor1D, bandwidth: number): Tensor {
  const apply = tf.customGrad((...inputs) => {
    const [x, theta, save] = inputs as unknown as [Tensor2D, Tensor1D, (tensors: Tensor[]) => void]
    save([x, theta])
    const value = tf.sum(tf.cast(tf.greater(x, theta), 'float32'))
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [p, t] = saved as [Tensor2D, Tensor1D]
      const steps = tf.sum(nearby(tf, p, t, bandwidth), 0)
      return [tf.zerosLike(p), tf.mul(dy, tf.div(steps, -bandwidth))]
    }
    return { value, gradFunc }
  })
  return apply(pre, threshold)
}

const nearby = (tf: Tf, pre: Tensor2D, threshold: Tensor1D, bandwidth: number): Tensor =>
  tf.cast(tf.less(tf.abs(tf.sub(pre, threshold)), bandwidth / 2), 'float32')
