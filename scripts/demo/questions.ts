// What a model that has learnt the rules of the stories must know: places in a text at which the rules leave one answer.
import { BRACKETS } from './stories/words.ts'

export const SKILLS = {
  'indirect object, preferred to the giver': 'among 2',
  'indirect object, of all tokens': 'open',
  'next weekday': 'open',
  'next month': 'open',
  'closing bracket, of the three': 'among 3',
  'closing bracket with two or more open': 'among 3',
  'brackets: next token within the rule': 'open',
  'sums and differences, to the full stop': 'open',
  'closing quote': 'open',
  'code: names of the result': 'open',
  'Spanish: indirect object': 'open',
  'tone of the answer (polite or rude)': 'among 3',
  'who was asked answers': 'open',
  'who saw it speaks': 'open',
  'the animal that was seen': 'open',
} as const
export type Skill = keyof typeof SKILLS

/** A place in a text and how to tell whether the model is right there. */
export type Question = { skill: Skill; at: number } & (
  | { ask: 'next'; right: string } // the likeliest token, and so on to the end of the answer
  | { ask: 'among'; right: string; others: readonly string[] } // likelier than each of the others
  | { ask: 'never'; wrong: readonly string[] } // the likeliest token is none of these
)

const CLOSERS = BRACKETS.map(([, right]) => ` ${right}`)
const ANSWERS = ['With pleasure', 'Shut up', 'Get lost'] as const

/** Matches with the place of every group. */
function* found(text: string, pattern: RegExp): Generator<{ groups: string[]; at: number[] }> {
  for (const match of text.matchAll(new RegExp(pattern, 'dg'))) {
    const places = match.indices!.map((place) => place?.[0] ?? -1)
    yield { groups: [...match], at: places }
  }
}

function* asked(text: string, skill: Skill, pattern: RegExp, group = 1): Generator<Question> {
  for (const { groups, at } of found(text, pattern))
    yield { skill, ask: 'next', at: at[group], right: groups[group] }
}

function* indirectObjects(text: string): Generator<Question> {
  const pattern =
    /(?:Then|Later,|After that,|One day,) \w+ and \w+ (?:went|came|met)[^.]*\.( \w+) \w+ an? \w+ to( \w+)\./
  for (const { groups, at } of found(text, pattern)) {
    const [, giver, receiver] = groups
    yield {
      skill: 'indirect object, preferred to the giver',
      ask: 'among',
      at: at[2],
      right: receiver,
      others: [giver],
    }
    yield { skill: 'indirect object, of all tokens', ask: 'next', at: at[2], right: receiver }
  }
}

/** Every member of a list but the first follows from the one before. */
function* sequence(text: string, skill: Skill, pattern: RegExp): Generator<Question> {
  for (const { groups, at } of found(text, pattern))
    for (const item of groups[1].matchAll(/, (\w+)/g))
      yield { skill, ask: 'next', at: at[1] + item.index + 1, right: ` ${item[1]}` }
}

/**
 * Within a box another bracket may always open and a word may always come, so the next token is not determined; which
 * bracket closes is. Beside that, the likeliest token must be one that the rule allows.
 */
function* boxes(text: string): Generator<Question> {
  for (const { groups, at } of found(text, /Box:([^\n]*)\./)) {
    const open: string[] = []
    for (const piece of groups[1].matchAll(/ \S+/g)) {
      const place = at[1] + piece.index
      const due = open.at(-1)
      if (open.length > 0)
        yield {
          skill: 'brackets: next token within the rule',
          ask: 'never',
          at: place,
          wrong: ['.', ...CLOSERS.filter((closer) => closer !== due)],
        }
      if (CLOSERS.includes(piece[0]) && due) {
        const others = CLOSERS.filter((closer) => closer !== due)
        yield { skill: 'closing bracket, of the three', ask: 'among', at: place, right: due, others }
        if (open.length > 1)
          yield {
            skill: 'closing bracket with two or more open',
            ask: 'among',
            at: place,
            right: due,
            others,
          }
        open.pop()
      }
      const opened = BRACKETS.find(([left]) => piece[0] === ` ${left}`)
      if (opened) open.push(` ${opened[1]}`)
    }
  }
}

function* tones(text: string): Generator<Question> {
  for (const { groups, at } of found(text, /" (?:asked|shouted) \w+\. "(With pleasure|Shut up|Get lost)/)) {
    const isPolite = groups[1] === ANSWERS[0]
    const [right, ...others] = isPolite ? ANSWERS : [groups[1], ANSWERS[0]]
    yield { skill: 'tone of the answer (polite or rude)', ask: 'among', at: at[1], right, others }
  }
}

/** All questions of a text, by skill. */
export function* questionsOf(text: string): Generator<Question> {
  yield* indirectObjects(text)
  yield* sequence(text, 'next weekday', /The days are( [^.]*)\./)
  yield* sequence(text, 'next month', /The months are( [^.]*)\./)
  yield* boxes(text)
  yield* asked(text, 'sums and differences, to the full stop', /\d [+-] \d =( \d+\.)/)
  yield* asked(text, 'closing quote', /[A-Za-z]([,?!]")/)
  const body = String.raw`def \w+\(\w+, \w+\):\n(?: {4}if [^\n]*\n {8}return \w+\n)? {4}return`
  yield* asked(text, 'code: names of the result', new RegExp(String.raw`${body}( \w+) [+*-] \w+`))
  yield* asked(text, 'code: names of the result', new RegExp(String.raw`${body} \w+ [+*-]( \w+)`))
  yield* asked(
    text,
    'Spanish: indirect object',
    /El \w+, \w+ fue [^.]* con \w+\. [^.]*\. \w+ dio un[^.]* a( \w+)\./,
  )
  yield* tones(text)
  yield* asked(
    text,
    'who was asked answers',
    /"(?:Please|Dear friend|Excuse me),[^"]*" asked \w+\. "[^"]*" said( \w+)\./,
  )
  yield* asked(text, 'who saw it speaks', /On \w+, \w+ walked [^"]*"[^"]*" said( \w+) to/)
  yield* asked(text, 'the animal that was seen', /saw a \w+ \w+\. The( \w+) was/)
}
