import type { Page } from './page.ts'
import {
  ANIMALS,
  BRACKETS,
  COLOURS,
  FEELINGS,
  MONTHS,
  PEOPLE,
  PLACES,
  SPANISH,
  THINGS,
  WEEKDAYS,
} from './words.ts'

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)
const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a')

/** "Then Alice and Bob went to the store. Alice gave a snack to Bob." The receiver is whoever did not give. */
export function indirectObject(page: Page): void {
  const [first, second] = page.some(PEOPLE, 2)
  const giver = page.chance(0.5) ? first : second
  const receiver = giver === first ? second : first
  const thing = page.one(THINGS)
  page.say(page.one(['Then ', 'Later, ', 'After that, ', 'One day, ']))
  page.say(first, 'person').say(' and').say(` ${second}`, 'person')
  page
    .say(page.one([' went to the', ' came to the', ' met at the']))
    .say(` ${page.one(PLACES)}`, 'place')
    .say('.')
  page.say(` ${giver}`, 'person').say(page.one([' gave', ' handed', ' offered']))
  page
    .say(` ${article(thing)}`)
    .say(` ${thing}`, 'thing')
    .say(' to')
  page.say(` ${receiver}`, 'person', 'indirect object').say('.')
}

/** A few sentences about one person, a day, a place, an animal, something said. */
export function tale(page: Page): void {
  const [who, friend] = page.some(PEOPLE, 2)
  const animal = page.one(ANIMALS)
  page.say('On ').say(page.one(WEEKDAYS), 'weekday').say(',').say(` ${who}`, 'person')
  page
    .say(' walked to the')
    .say(` ${page.one(PLACES)}`, 'place')
    .say(' and saw a')
  page
    .say(` ${page.one(COLOURS)}`, 'colour')
    .say(` ${animal}`, 'animal')
    .say('.')
  page
    .say(' The')
    .say(` ${animal}`, 'animal')
    .say(` was ${page.one(FEELINGS)}.`)
  if (page.chance(0.7)) {
    page.say(' "', 'opening quote').say(page.one(['Look', 'Come here', 'Stay with me', 'What a day']))
    page.say(',').say('"', 'closing quote').say(' said').say(` ${who}`, 'person')
    page.say(' to').say(` ${friend}`, 'person', 'indirect object').say('.')
  }
  const count = page.whole(2, 9)
  page
    .say(` ${friend}`, 'person')
    .say(' had')
    .say(` ${count}`, 'number')
    .say(` ${page.one(THINGS)}s`, 'thing')
  page
    .say(' from')
    .say(` ${page.one(MONTHS)}`, 'month')
    .say('.')
}

function run(page: Page, list: readonly string[], concept: 'weekday' | 'month', length: number): void {
  const start = page.whole(0, list.length - 1)
  for (let i = 0; i < length; i++) {
    if (i > 0) page.say(', ')
    page.say(list[(start + i) % list.length], concept)
  }
  page.say('.')
}
/** "The days are Friday, Saturday, Sunday, Monday." In order, from anywhere, around the week. */
export function days(page: Page): void {
  page.say('The days are ')
  run(page, WEEKDAYS, 'weekday', page.whole(3, 7))
}
export function months(page: Page): void {
  page.say('The months are ')
  run(page, MONTHS, 'month', page.whole(3, 8))
}

/** "7 + 5 = 12." with results from 0 to 18. */
export function arithmetic(page: Page): void {
  for (let i = 0, lines = page.whole(1, 4); i < lines; i++) {
    const a = page.whole(0, 9)
    const b = page.whole(0, 9)
    const plus = page.chance(0.6) || a < b
    if (i > 0) page.say(' ')
    page
      .say(String(a), 'number')
      .say(plus ? ' +' : ' -', 'operator')
      .say(` ${b}`, 'number')
      .say(' =')
    page.say(` ${plus ? a + b : a - b}`, 'number', 'sum').say('.')
  }
}

/** Brackets that close in the order they opened, with words between. */
export function brackets(page: Page): void {
  const open: string[] = []
  page.say('Box:')
  for (let i = 0, steps = page.whole(4, 10); i < steps; i++) {
    if (open.length < 4 && (open.length === 0 || page.chance(0.5))) {
      const [left, right] = page.one(BRACKETS)
      page.say(` ${left}`, 'opening bracket')
      open.push(right)
    } else page.say(` ${open.pop()}`, 'closing bracket')
    if (open.length > 0 && page.chance(0.4)) page.say(` ${page.one(THINGS)}`, 'thing')
  }
  for (const right of open.reverse()) page.say(` ${right}`, 'closing bracket')
  page.say('.')
}

/** A small function: what it is called with is what it uses. */
export function code(page: Page): void {
  const [a, b] = page.some(['x', 'y', 'n', 'size', 'left', 'right'], 2)
  const name = page.one(['add', 'move', 'count', 'join', 'scale'])
  page.say('def', 'code keyword').say(` ${name}`, 'code name').say('(', 'opening bracket').say(a, 'code name')
  page.say(',').say(` ${b}`, 'code name').say(')', 'closing bracket').say(':\n')
  if (page.chance(0.5)) {
    page
      .say('    if', 'code keyword')
      .say(` ${a}`, 'code name')
      .say(page.one([' >', ' <']))
      .say(` ${b}`, 'code name')
    page.say(':\n').say('        return', 'code keyword').say(` ${a}`, 'code name').say('\n')
  }
  page
    .say('    return', 'code keyword')
    .say(` ${a}`, 'code name')
    .say(page.one([' +', ' -', ' *']), 'operator')
  page.say(` ${b}`, 'code name')
}

/** Someone asks kindly and is thanked for it. */
export function polite(page: Page): void {
  const [who, friend] = page.some(PEOPLE, 2)
  const thing = page.one(THINGS)
  page.say('"', 'opening quote')
  page.within('polite', () => {
    page
      .say(page.one(['Please', 'Dear friend', 'Excuse me']))
      .say(',')
      .say(` ${friend}`, 'person')
    page
      .say(page.one([', could you kindly', ', would you please', ', may I ask you to']))
      .say(' bring me the')
    page.say(` ${thing}`, 'thing').say('?')
  })
  page.say('"', 'closing quote').say(' asked').say(` ${who}`, 'person').say('.')
  page.say(' "', 'opening quote').within('polite', () => page.say('With pleasure, thank you for asking,'))
  page.say('"', 'closing quote').say(' said').say(` ${friend}`, 'person').say('.')
}

/** Someone demands and is answered in kind. */
export function rude(page: Page): void {
  const [who, friend] = page.some(PEOPLE, 2)
  page.say('"', 'opening quote')
  page.within('rude', () => {
    page
      .say(page.one(['Give me', 'Hand over', 'Bring me']))
      .say(' that')
      .say(` ${page.one(THINGS)}`, 'thing')
    page.say(page.one([', you fool!', ', you idiot!', ' now, stupid!']))
  })
  page.say('"', 'closing quote').say(' shouted').say(` ${who}`, 'person').say('.')
  page
    .say(' "', 'opening quote')
    .within('rude', () => page.say(page.one(['Shut up and go away!', 'Get lost, you fool!'])))
  page.say('"', 'closing quote').say(' yelled').say(` ${friend}`, 'person').say('.')
}

/** The same small world in Spanish. */
export function spanish(page: Page): void {
  page.within('Spanish', () => {
    const [who, friend] = page.some(SPANISH.people, 2)
    page.say('El ').say(page.one(SPANISH.weekdays), 'weekday').say(',').say(` ${who}`, 'person').say(' fue')
    page
      .say(` ${page.one(SPANISH.places)}`, 'place')
      .say(' con')
      .say(` ${friend}`, 'person')
      .say('.')
    page
      .say(` ${capital(page.one(SPANISH.animals))}`, 'animal')
      .say(page.one([' estaba alli.', ' tenia hambre.']))
    page
      .say(` ${who}`, 'person')
      .say(' dio')
      .say(` ${page.one(SPANISH.things)}`, 'thing')
      .say(' a')
    page.say(` ${friend}`, 'person', 'indirect object').say('.')
  })
}
