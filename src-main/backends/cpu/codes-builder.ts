import type { SparseCodes } from '../../sae/weights.ts'

/** Collects codes row by row in arrays that grow. */
export class CodesBuilder {
  readonly #start: Uint32Array
  #row = 0
  #count = 0
  #feature = new Uint32Array(1024)
  #value = new Float32Array(1024)

  constructor(rows: number) {
    this.#start = new Uint32Array(rows + 1)
  }

  /** One entry of the present row; values that are not positive are left out. */
  add(feature: number, value: number): void {
    if (!(value > 0)) return
    if (this.#count === this.#feature.length) this.#grow()
    this.#feature[this.#count] = feature
    this.#value[this.#count++] = value
  }

  endRow(): void {
    this.#start[++this.#row] = this.#count
  }

  finish(): SparseCodes {
    return {
      rows: this.#row,
      start: this.#start,
      feature: this.#feature.slice(0, this.#count),
      value: this.#value.slice(0, this.#count),
    }
  }

  #grow(): void {
    const feature = new Uint32Array(this.#count * 2)
    const value = new Float32Array(this.#count * 2)
    feature.set(this.#feature)
    value.set(this.#value)
    this.#feature = feature
    this.#value = value
  }
}
