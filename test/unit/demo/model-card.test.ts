import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cardTable } from '../../../scripts/demo/card.ts'
import { examine, type Learnt } from '../../../scripts/demo/examine.ts'
import { questionsOf, SKILLS } from '../../../scripts/demo/questions.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { openTokenizer } from '../../../src-main/language-model/tokenizer.ts'
import { resourcesFolder } from '../../../src-main/places.ts'
import { modelOf } from '../language-model/model-of.ts'

const folder = join(resourcesFolder, 'demo/model')
const learnt = JSON.parse(readFileSync(join(folder, 'learnt.json'), 'utf8')) as Learnt

describe('what is asked', () => {
  const asked = (text: string, skill: string) => [...questionsOf(text)].filter((one) => one.skill === skill)

  test('of a box: at every closing bracket which one it is, and everywhere what may not come', () => {
    const text = 'Box: ( [ ring ] ) { }.'
    expect(asked(text, 'closing bracket, of the three')).toEqual([
      { skill: 'closing bracket, of the three', ask: 'among', at: 13, right: ' ]', others: [' )', ' }'] },
      { skill: 'closing bracket, of the three', ask: 'among', at: 15, right: ' )', others: [' ]', ' }'] },
      { skill: 'closing bracket, of the three', ask: 'among', at: 19, right: ' }', others: [' )', ' ]'] },
    ])
    expect(asked(text, 'closing bracket with two or more open')).toMatchObject([{ at: 13, right: ' ]' }])
    expect(asked(text, 'brackets: next token within the rule')[0]).toMatchObject({
      at: 6,
      wrong: ['.', ' ]', ' }'],
    })
  })

  test('of a gift: who gets it, against the giver', () => {
    const text = 'Later, Ann and Bob went to the park. Bob gave a map to Ann.'
    expect([...questionsOf(text)]).toMatchObject([
      { ask: 'among', at: 54, right: ' Ann', others: [' Bob'] },
      { ask: 'next', at: 54, right: ' Ann' },
    ])
  })

  test('of sums, days, quotes, code and Spanish: the one answer there is', () => {
    const right = (text: string): unknown[] =>
      [...questionsOf(text)].map((one) => ('right' in one ? one.right : ''))
    expect(right('7 + 5 = 12.')).toEqual([' 12.'])
    expect(right('The days are Sunday, Monday, Tuesday.')).toEqual([' Monday', ' Tuesday'])
    expect(right('"Look," said Ann to Bob.')).toEqual([',"'])
    expect(right('def add(x, y):\n    if x > y:\n        return x\n    return x + y')).toEqual([' x', ' y'])
    const spanish = 'El lunes, Ana fue a la playa con Elena. El gato tenia hambre. Ana dio un mapa a Elena.'
    expect(right(spanish)).toEqual([' Elena'])
  })
})

test('the card has the numbers that were measured', () => {
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(cardTable(learnt))
  for (const { right, asked } of Object.values(learnt.skills)) {
    expect(asked).toBeGreaterThan(50)
    expect(right).toBeLessThanOrEqual(asked)
  }
})

test('examined again on a few other stories, through our own engine, the model knows what its card says', async () => {
  const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
  const found = await examine(model, await openTokenizer(folder), 4711, 60)
  await model.close()
  expect(Math.abs(found.loss - learnt.loss)).toBeLessThan(0.06)
  for (const skill of Object.keys(SKILLS) as (keyof typeof SKILLS)[]) {
    const [now, then] = [found.skills[skill], learnt.skills[skill]]
    expect(now.asked, skill).toBeGreaterThan(0)
    const share = then.right / then.asked
    const expected = share * now.asked
    // four standard errors of so few questions, and two of them
    const slack = 4 * Math.sqrt(expected * (1 - share)) + 2
    expect(Math.abs(now.right - expected), skill).toBeLessThanOrEqual(slack)
  }
})
