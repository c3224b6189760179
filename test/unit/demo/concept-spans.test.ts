import { describe, expect, test } from 'vitest'
import { stories, type Concept, type Story } from '../../../scripts/demo/stories/index.ts'
import {
  arithmetic,
  brackets,
  code,
  indirectObject,
  polite,
  rude,
  spanish,
} from '../../../scripts/demo/stories/kinds.ts'
import { Page } from '../../../scripts/demo/stories/page.ts'
import {
  ANIMALS,
  COLOURS,
  MONTHS,
  PEOPLE,
  PLACES,
  SPANISH,
  WEEKDAYS,
} from '../../../scripts/demo/stories/words.ts'
import { seededRandom } from '../../../src-main/math/random.ts'

const about = ({ text, spans }: Story, concept: Concept): string[] =>
  spans.filter((span) => span.concept === concept).map(({ start, end }) => text.slice(start, end))
function written(kind: (page: Page) => void, seed = 3): Story {
  const page = new Page(seededRandom(seed))
  kind(page)
  return page.done()
}
const many = stories(8).take(300).toArray()

/** Concepts that are a matter of spelling: every such word is labelled, and nothing else is. */
const SPELT: Partial<Record<Concept, RegExp>> = {
  person: new RegExp(`\\b(?:${[...PEOPLE, ...SPANISH.people].join('|')})\\b`, 'g'),
  place: new RegExp(`(?<=the )(?:${PLACES.join('|')})\\b|(?<=fue )(?:${SPANISH.places.join('|')})\\b`, 'g'),
  weekday: new RegExp(`\\b(?:${[...WEEKDAYS, ...SPANISH.weekdays].join('|')})\\b`, 'g'),
  month: new RegExp(`\\b(?:${MONTHS.join('|')})\\b`, 'g'),
  number: /\d+/g,
  sum: /(?<== )\d+/g,
  operator: /(?<= )[-+*](?= )/g,
  'opening bracket': /[([{]/g,
  'closing bracket': /[)\]}]/g,
  'opening quote': /(?<=^|[ \n])"/g,
  'closing quote': /(?<=[,?!])"/g,
  animal: new RegExp(`\\b(?:${[...ANIMALS, ...SPANISH.animals].join('|')})\\b`, 'gi'),
  colour: new RegExp(`\\b(?:${COLOURS.join('|')})\\b`, 'g'),
  'code keyword': /\b(?:def|return)\b|(?<= {4})if\b/g,
}

describe.each(Object.entries(SPELT) as [Concept, RegExp][])('%s', (concept, spelling) => {
  test('is labelled wherever it is written, and nowhere else', () => {
    for (const story of many) {
      const words = [...story.text.matchAll(spelling)].map(([word]) => word)
      expect(about(story, concept)).toEqual(words)
    }
  })
})

describe('concepts that are a matter of their place', () => {
  test('the indirect object is who is given something, not who gives', () => {
    const story = written(indirectObject)
    const [giver] = /\w+(?= (?:gave|handed|offered))/.exec(story.text)!
    expect(about(story, 'indirect object')).toEqual([/to (\w+)\.$/.exec(story.text)![1]])
    expect(about(story, 'indirect object')).not.toEqual([giver])
    expect(about(written(spanish), 'indirect object')).toEqual([/a (\w+)\.$/.exec(written(spanish).text)![1]])
  })

  test('a thing is what is given, asked for, or lies in a box', () => {
    expect(about(written(indirectObject), 'thing')).toEqual([
      /an? (\w+) to/.exec(written(indirectObject).text)![1],
    ])
    const box = written(brackets)
    expect(about(box, 'thing')).toEqual(box.text.slice(4).match(/[a-z]+/g) ?? [])
  })

  test('polite and rude are what is said, without the quotes and without who says it', () => {
    for (const [kind, concept] of [
      [polite, 'polite'],
      [rude, 'rude'],
    ] as const) {
      const story = written(kind)
      expect(about(story, concept)).toEqual([...story.text.matchAll(/"([^"]*)"/g)].map(([, said]) => said))
    }
  })

  test('names of code are of the function and its parameters, wherever they are used', () => {
    const story = written(code)
    expect(about(story, 'code name')).toEqual(story.text.match(/\b(?!def\b|if\b|return\b)[a-z]+\b/g))
  })

  test('all of a Spanish paragraph is Spanish, and a sum is only the result', () => {
    const story = written(spanish)
    expect(about(story, 'Spanish')).toEqual([story.text])
    const sums = written(arithmetic)
    expect(about(sums, 'sum')).toEqual([...sums.text.matchAll(/= (\d+)/g)].map(([, sum]) => sum))
  })
})
