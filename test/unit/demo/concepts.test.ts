import { describe, expect, test } from 'vitest'
import { CONCEPTS, stories, type Story } from '../../../scripts/demo/stories/index.ts'
import { conceptMasks } from '../../../src-main/demo/concept-labels.ts'
import { bestFeatures } from '../../../src-main/demo/concept-match.ts'

const bit = (concept: (typeof CONCEPTS)[number]): number => 1 << CONCEPTS.indexOf(concept)
const take = (seed: number, count: number): Story[] =>
  Array.from(
    { length: count },
    (
      (s) => () =>
        s.next().value
    )(stories(seed)),
  )

describe('the stories', () => {
  const many = take(5, 400)
  test('are the same for the same seed and others for another', () => {
    expect(take(5, 3)).toEqual(many.slice(0, 3))
    expect(take(6, 3)).not.toEqual(many.slice(0, 3))
  })

  test('have every concept, each span inside its text and not blank', () => {
    expect(new Set(many.flatMap((s) => s.spans.map((span) => span.concept)))).toEqual(new Set(CONCEPTS))
    for (const { text, spans } of many)
      for (const { start, end } of spans) expect(text.slice(start, end).trim()).not.toBe('')
  })

  test('keep their rules: brackets close in order, days follow each other, sums are right, the receiver did not give', () => {
    const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
    for (const { text } of many) {
      for (const [, list] of text.matchAll(/The days are ([^.]*)\./g)) {
        const at = list.split(', ').map((day) => days.indexOf(day))
        for (let i = 1; i < at.length; i++) expect(at[i]).toBe((at[i - 1] + 1) % 7)
      }
      for (const [, a, op, b, sum] of text.matchAll(/(\d) ([+-]) (\d) = (\d+)\./g))
        expect(op === '+' ? +a + +b : +a - +b).toBe(+sum)
      for (const [, first, second, giver, receiver] of text.matchAll(
        /(?:Then|Later,|After that,|One day,) (\w+) and (\w+) .*?\. (\w+) \w+ an? \w+ to (\w+)\./g,
      ))
        expect([giver, receiver].sort()).toEqual([first, second].sort())
      for (const [box] of text.matchAll(/Box:[^\n]*\./g)) {
        const open: string[] = []
        for (const c of box)
          if ('([{'.includes(c)) open.push(')]}'['([{'.indexOf(c)])
          else if (')]}'.includes(c)) expect(open.pop()).toBe(c)
        expect(open).toEqual([])
      }
    }
  })
})

describe('concepts of tokens', () => {
  /** One id a character: 0 is BOS. */
  const characters = {
    encodePlain: (text: string): number[] => [...text].map((c) => c.charCodeAt(0)),
    token: (id: number): string => String.fromCharCode(id),
  }
  const [first, second] = take(9, 2)
  const ids = Int32Array.from([
    0,
    ...characters.encodePlain(first.text),
    0,
    ...characters.encodePlain(second.text).slice(0, 5),
  ])

  test('follow the spans, past BOS and past a cut', () => {
    const masks = conceptMasks(ids, 0, characters, 9)
    expect(masks[0]).toBe(0)
    for (const { start, end, concept } of first.spans)
      for (let i = start; i < end; i++)
        if (first.text[i] !== ' ') expect(masks[1 + i] & bit(concept)).toBe(bit(concept))
  })

  test('are refused when the tokens are of another text', () => {
    expect(() => conceptMasks(ids, 0, characters, 10)).toThrow('the stories have')
  })
})

test('the best feature of a concept is found with its best threshold', () => {
  // Six tokens; 1, 2 and 3 are about a person. Feature 4 fires on all three, and weakly on token 5.
  const person = bit('person')
  const masks = Uint32Array.of(0, person, person, person, 0, 0)
  const [best] = bestFeatures(masks, (t) => t > 0, [
    [2, { token: Uint32Array.of(1, 5), value: Float32Array.of(1, 9) }],
    [4, { token: Uint32Array.of(1, 2, 3, 5), value: Float32Array.of(3, 2, 2, 0.5) }],
  ])
  expect(best).toEqual({
    concept: 'person',
    tokens: 3,
    feature: 4,
    f1: 1,
    precision: 1,
    recall: 1,
    threshold: 2,
  })
})
