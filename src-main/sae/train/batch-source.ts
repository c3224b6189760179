/** A batch of activations, ready for a step. */
export interface Batch {
  /** [batchTokens, d]; may be changed by the taker, and is overwritten by the next batch. */
  x: Float32Array
  /** Where the batch after this one begins, as plain data that a checkpoint keeps. */
  next: Place
}
/** A place between two batches. */
export interface Place {
  batch: number
  /** What else the source needs to find the place again. */
  cursor?: unknown
}
export const START: Place = { batch: 0 }

/** Activations for training, from wherever they come. The same place gives the same batches, bit for bit. */
export interface BatchSource {
  readonly dIn: number
  /** Batches without end from a place on, every pass in another order. */
  batches(from: Place): AsyncIterable<Batch>
  /** At most about `tokens` tokens for a measurement, spread evenly, in chunks of whole rows [n, d]. */
  spread(tokens: number): AsyncIterable<Float32Array>
  close(): Promise<void>
}
