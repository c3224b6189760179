// What a model of the stories has learnt, examined through Suture's own engine.
import type { LanguageModel } from '../../src-main/language-model/language-model.ts'
import type { Tokenizer } from '../../src-main/language-model/tokenizer.ts'
import { questionsOf, SKILLS, type Question, type Skill } from './questions.ts'
import { stories } from './stories/index.ts'

/** Positions after this many tokens are beyond what the model was trained on. */
const CONTEXT = 128

export interface Score {
  right: number
  asked: number
}
export interface Learnt {
  seed: number
  stories: number
  /** Next-token loss, nats per token, over the first 128 tokens of every story. */
  loss: number
  skills: Record<Skill, Score>
}

/** One story as the model reads it: BOS and then its tokens, with the logits after each. */
interface Read {
  /** [T] of the text, without BOS. */
  ids: readonly number[]
  /** [T] where in the text each begins. */
  starts: readonly number[]
  text: string
  /** [T][vocab] before each token. */
  before: readonly Float32Array[]
}

/** Tokens that begin an answer: the first of its own tokens, and those that hold all of it (`" ]."` for `" ]"`). */
function beginnings(answer: string, tokenizer: Tokenizer, all: readonly string[]): number[] {
  const whole = all.flatMap((token, id) => (token.startsWith(answer) ? [id] : []))
  return [...new Set([tokenizer.encodePlain(answer)[0], ...whole])]
}
const likeliest = (logits: Float32Array): number =>
  logits.reduce((best, value, id) => (value > logits[best] ? id : best), 0)
function logSumExp(logits: Float32Array, ids: readonly number[]): number {
  const most = Math.max(...ids.map((id) => logits[id]))
  return most + Math.log(ids.reduce((sum, id) => sum + Math.exp(logits[id] - most), 0))
}

/** Every token of the answer, to its end, is the likeliest where it stands. */
function saysAll(read: Read, first: number, right: string, at: number): boolean {
  const end = at + right.length
  for (let t = first; t < read.ids.length && read.starts[t] < end; t++)
    if (likeliest(read.before[t]) !== read.ids[t]) return false
  return true
}

/** null where no token begins at the place, or it is too far on. */
function isRight(question: Question, read: Read, begin: (answer: string) => number[]): boolean | null {
  const t = read.starts.indexOf(question.at)
  if (t < 0 || t + 1 >= CONTEXT) return null
  const logits = read.before[t]
  switch (question.ask) {
    case 'next':
      return saysAll(read, t, question.right, question.at)
    case 'never':
      return !question.wrong.some((answer) => begin(answer).includes(likeliest(logits)))
    case 'among': {
      const right = logSumExp(logits, begin(question.right))
      return question.others.every((other) => right > logSumExp(logits, begin(other)))
    }
  }
}

async function readStory(text: string, model: LanguageModel, tokenizer: Tokenizer): Promise<Read> {
  const ids = tokenizer.encodePlain(text).slice(0, CONTEXT - 1)
  const starts: number[] = []
  let at = 0
  for (const id of ids) {
    starts.push(at)
    at += tokenizer.token(id).length
  }
  const logits = await model.logits(Int32Array.of(model.model.bosId!, ...ids), 1)
  const vocab = model.model.vocabSize
  const before = ids.map((_, t) => logits.subarray(t * vocab, (t + 1) * vocab))
  return { ids, starts, text, before }
}

/** Examines a model on the first stories of a seed. */
export async function examine(
  model: LanguageModel,
  tokenizer: Tokenizer,
  seed: number,
  count: number,
): Promise<Learnt> {
  const all = tokenizer.tokenStrings()
  const known = new Map<string, number[]>()
  const begin = (answer: string): number[] => {
    if (!known.has(answer)) known.set(answer, beginnings(answer, tokenizer, all))
    return known.get(answer)!
  }
  const everyId = all.map((_, id) => id)
  const skills = Object.fromEntries(Object.keys(SKILLS).map((skill) => [skill, { right: 0, asked: 0 }]))
  let [loss, tokens] = [0, 0]
  const source = stories(seed)
  for (let i = 0; i < count; i++) {
    const read = await readStory(source.next().value.text, model, tokenizer)
    for (const [t, id] of read.ids.entries()) loss += logSumExp(read.before[t], everyId) - read.before[t][id]
    tokens += read.ids.length
    for (const question of questionsOf(read.text)) {
      const answer = isRight(question, read, begin)
      if (answer === null) continue
      skills[question.skill].asked++
      if (answer) skills[question.skill].right++
    }
  }
  return { seed, stories: count, loss: loss / tokens, skills: skills as Record<Skill, Score> }
}
