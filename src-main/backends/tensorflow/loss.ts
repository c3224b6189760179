import type { Scalar, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs'
import type { ParameterName, StepSettings, TraineeConfig } from '../../sae/backend.ts'
import { countAbove, jump, largestOfBatch, largestOfEachRow, positive } from './choice.ts'
import { cosinePenalty } from './cosine-penalty.ts'
import type { Tf } from './load.ts'

/** The parameters as TensorFlow variables; those that the architecture has. */
export type Variables = Partial<Record<ParameterName, Variable>> & Record<'encoder' | 'bEnc', Variable>

/** A batch on its way: x [B, d], pre-activations and codes [B, F], reconstruction [B, d]. */
export interface Forward {
  loss: Scalar
  reconstruction: Scalar
  sparsity: Scalar
  aux: Scalar
  cosine: Scalar
  codes: Tensor2D
  /** [B] ‖x − x̂‖² */
  squaredErrors: Tensor1D
}

/** What the formulas need at hand. */
interface Batch {
  tf: Tf
  config: TraineeConfig
  variables: Variables
  x: Tensor2D
  settings: StepSettings
  /** [F] 1 for dead features; absent when there are none to revive. */
  dead?: Tensor1D
}

const directions = ({ variables }: Batch): Tensor2D =>
  (variables.decoder ?? variables.encoder) as unknown as Tensor2D

function needed(batch: Batch, name: ParameterName): Tensor1D {
  const variable = batch.variables[name]
  if (!variable) throw new Error(`${batch.config.architecture} has no ${name}`)
  return variable as unknown as Tensor1D
}

/** u = (x − b_dec) W_enc, without bias. */
function products({ tf, variables, x }: Batch): Tensor2D {
  const centred = variables.bDec ? tf.sub(x, variables.bDec) : x
  return tf.matMul(centred as Tensor2D, variables.encoder as unknown as Tensor2D, false, true)
}

function codesOf(batch: Batch, u: Tensor2D): Tensor2D {
  const { tf, config, variables, x } = batch
  const pre = tf.add(u, variables.bEnc) as Tensor2D
  switch (config.architecture) {
    case 'tied':
    case 'standard':
      return tf.relu(pre)
    case 'topk':
      return tf.mul(pre, largestOfEachRow(tf, pre, Math.min(config.k, config.dSae)))
    case 'batchtopk':
    case 'matryoshka':
      return tf.mul(pre, largestOfBatch(tf, pre, config.k * x.shape[0]))
    case 'jumprelu':
      return jump(tf, pre, tf.exp(needed(batch, 'logThreshold')), config.bandwidth)
    case 'gated': {
      const magnitude = tf.add(tf.mul(u, tf.exp(needed(batch, 'rMag'))), needed(batch, 'bMag'))
      return tf.mul(tf.relu(magnitude), positive(tf, pre)) as Tensor2D
    }
  }
}

function decode(batch: Batch, codes: Tensor2D): Tensor2D {
  const { tf, variables } = batch
  const out = tf.matMul(codes, directions(batch))
  return (variables.bDec ? tf.add(out, variables.bDec) : out) as Tensor2D
}

const squares = (tf: Tf, a: Tensor2D, b: Tensor2D): Tensor1D => tf.sum(tf.squaredDifference(a, b), 1)

/** Mean over tokens of ‖x − x̂‖², of each nested dictionary, and the whole one's errors per token. */
function reconstruct(
  batch: Batch,
  codes: Tensor2D,
): { term: Scalar; squaredErrors: Tensor1D; out: Tensor2D } {
  const { tf, config, x } = batch
  const out = decode(batch, codes)
  const squaredErrors = squares(tf, out, x)
  let term = tf.mean(squaredErrors)
  const narrower = config.architecture === 'matryoshka' ? config.widths.slice(0, -1) : []
  for (const width of narrower) {
    const part = tf.slice(codes, [0, 0], [-1, width])
    const rows = tf.slice(directions(batch), [0, 0], [width, -1])
    const nested = tf.add(tf.matMul(part, rows), needed(batch, 'bDec')) as Tensor2D
    term = tf.add(term, tf.mean(squares(tf, nested, x)))
  }
  return { term: term as Scalar, squaredErrors, out }
}

/** λ times the kind's sparsity penalty, mean over tokens. */
function sparsityTerm(batch: Batch, u: Tensor2D, codes: Tensor2D): Scalar {
  const { tf, config, variables, x, settings } = batch
  if ('k' in config) return tf.scalar(0)
  const factor = settings.sparsity / x.shape[0]
  const pre = tf.add(u, variables.bEnc) as Tensor2D
  if (config.architecture === 'jumprelu') {
    const threshold = tf.exp(needed(batch, 'logThreshold')) as Tensor1D
    return tf.mul(countAbove(tf, pre, threshold, config.bandwidth), factor) as Scalar
  }
  const penalised = config.architecture === 'gated' ? tf.relu(pre) : codes
  const free = 'decoderNorm' in config && config.decoderNorm === 'free'
  const weighted = free ? tf.mul(penalised, tf.norm(directions(batch), 'euclidean', 1)) : penalised
  return tf.mul(tf.sum(weighted), factor) as Scalar
}

/** Aux-k on the residual, or the gate's reconstruction by the decoder held constant. */
function auxTerm(batch: Batch, u: Tensor2D, out: Tensor2D): Scalar {
  const { tf, config, variables, x, settings, dead } = batch
  const pre = tf.add(u, variables.bEnc) as Tensor2D
  if (config.architecture === 'gated') {
    const still = held(tf, directions(batch))
    const rebuilt = tf.add(tf.matMul(tf.relu(pre), still), held(tf, needed(batch, 'bDec'))) as Tensor2D
    return tf.mul(tf.mean(squares(tf, rebuilt, x)), settings.aux) as Scalar
  }
  if (!('auxK' in config) || !dead) return tf.scalar(0)
  const ofDead = tf.mul(pre, dead) as Tensor2D
  const revived = tf.mul(ofDead, largestOfEachRow(tf, ofDead, Math.min(config.auxK, config.dSae))) as Tensor2D
  const residual = held(tf, tf.sub(x, out) as Tensor2D)
  return tf.mul(tf.mean(squares(tf, tf.matMul(revived, directions(batch)), residual)), settings.aux) as Scalar
}

/** The same values, as a constant. */
function held<T extends Tensor>(tf: Tf, x: T): T {
  const apply = tf.customGrad((...inputs) => {
    const [tensor] = inputs as [Tensor]
    const { shape } = tensor // the tensor itself may be gone when the gradient is asked for
    return { value: tf.clone(tensor), gradFunc: () => tf.zeros(shape) }
  })
  return apply(x) as T
}

/** The loss of a batch by the formulas of maths §1, for automatic differentiation. */
export function forward(batch: Batch): Forward {
  const { tf, settings } = batch
  const u = products(batch)
  const codes = codesOf(batch, u)
  const { term: reconstruction, squaredErrors, out } = reconstruct(batch, codes)
  const sparsity = sparsityTerm(batch, u, codes)
  const aux = auxTerm(batch, u, out)
  const cosine =
    settings.cosine > 0
      ? (tf.mul(cosinePenalty(tf, codes, directions(batch)), settings.cosine) as Scalar)
      : tf.scalar(0)
  const loss = tf.addN([reconstruction, sparsity, aux, cosine]) as Scalar
  return { loss, reconstruction, sparsity, aux, cosine, codes, squaredErrors }
}
