import type { Random } from '../../../src-main/math/random.ts'
import type { Concept, Span, Story } from './concepts.ts'

/** A story being written: text, with what each piece of it is about. */
export class Page {
  readonly random: Random
  readonly #pieces: string[] = []
  readonly #spans: Span[] = []
  #length = 0

  constructor(random: Random) {
    this.random = random
  }

  /** Writes a piece; leading spaces are not part of what it is about. */
  say(text: string, ...concepts: Concept[]): this {
    const start = this.#length + (text.length - text.trimStart().length)
    const end = this.#length + text.length
    for (const concept of concepts) this.#spans.push({ start, end, concept })
    this.#pieces.push(text)
    this.#length = end
    return this
  }

  /** Everything written by `body` is about the concept too. */
  within(concept: Concept, body: () => void): this {
    const start = this.#length
    body()
    this.#spans.push({ start, end: this.#length, concept })
    return this
  }

  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]
  }

  /** `count` different members of a list, in random order. */
  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list]
    return Array.from({ length: count }, () => left.splice(Math.floor(this.random() * left.length), 1)[0])
  }

  whole(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1))
  }

  chance(p: number): boolean {
    return this.random() < p
  }

  done(): Story {
    return { text: this.#pieces.join(''), spans: this.#spans }
  }
}
