/** A batch of activations, ready for a step. */
export interface Batch {
  /** [batchTokens, d]; not to be changed, and overwritten by the next batch. */
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
  /** About how many tokens `evaluation` gives. */
  readonly evaluationTokens: number
  /** Tokens to measure a finished SAE on: some, spread over the source, in chunks of whole tokens [n, d]. */
  evaluation(): AsyncIterable<Float32Array>
  close(): Promise<void>
}
