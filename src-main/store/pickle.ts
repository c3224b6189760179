import { problem } from '#contract/problem.ts'
import { PickleReader } from './pickle-reader.ts'

// A restricted unpickler: a stack machine that makes plain data only. Nothing named in a file is looked up anywhere
// but in the table it is given, so nothing in a file is ever run. Opcodes: CPython's Lib/pickletools.py.

export type PickleKey = string | number | bigint | boolean | null
export type PickleValue =
  | PickleKey
  | Uint8Array
  | PickleValue[]
  | Map<PickleKey, PickleValue>
  | PickleMade
  /** A name from the table that has not been called. */
  | PickleGlobal

/** What a rebuilder of the table makes; what it is, the table's owner knows. */
export abstract class PickleMade {
  abstract readonly made: string
}
export class PickleGlobal {
  readonly name: string
  readonly call: ((args: PickleValue[]) => PickleValue) | null
  constructor(name: string, call: PickleGlobal['call']) {
    this.name = name
    this.call = call
  }
}

export interface PickleTable {
  /** Names that may appear ("module name"), and what calling each makes; null for names that are only mentioned. */
  globals: ReadonlyMap<string, PickleGlobal['call']>
  /** What a persistent id stands for. */
  persistent(id: PickleValue): PickleValue
}

const MARK = Symbol('mark')
type Slot = PickleValue | typeof MARK

class Machine {
  readonly #in: PickleReader
  readonly #table: PickleTable
  readonly #file: string
  readonly #memo = new Map<number, PickleValue>()
  #stack: Slot[] = []
  constructor(bytes: Uint8Array, table: PickleTable, file: string) {
    this.#in = new PickleReader(bytes, file)
    this.#table = table
    this.#file = file
  }

  run(): PickleValue {
    for (;;) {
      const op = String.fromCharCode(this.#in.u8())
      if (op === '.') return this.#pop()
      const step = STEPS[op] as ((machine: Machine, input: PickleReader) => void) | undefined
      if (!step)
        return this.broken(`it uses opcode 0x${op.charCodeAt(0).toString(16)}, which only code needs`)
      step(this, this.#in)
    }
  }

  broken(what: string): never {
    throw problem(
      'bad-file',
      this.#file,
      `its pickle is broken or hostile: ${what}`,
      'Nothing in it was run.',
    )
  }

  push(value: Slot): void {
    this.#stack.push(value)
  }

  #pop(): PickleValue {
    const value = this.#stack.pop()
    return value === undefined || value === MARK ? this.broken('its stack is empty') : value
  }
  pop = (): PickleValue => this.#pop()

  discard(): void {
    if (this.#stack.pop() === undefined) this.broken('its stack is empty')
  }

  /** Everything above the last mark, and the mark gone. */
  popMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at < 0) return this.broken('a mark is missing')
    const above = this.#stack.slice(at + 1) as PickleValue[]
    this.#stack.length = at
    return above
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1)
    return value === undefined || value === MARK ? this.broken('its stack is empty') : value
  }

  store(index: number): void {
    this.#memo.set(index, this.#top())
  }
  memoize(): void {
    this.store(this.#memo.size)
  }
  recall(index: number): void {
    const value = this.#memo.get(index)
    this.push(value === undefined ? this.broken(`it recalls value ${index}, which it never stored`) : value)
  }

  duplicate(): void {
    this.push(this.#top())
  }

  append(values: PickleValue[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) return this.broken('it appends to what is not a list')
    for (const value of values) list.push(value)
  }

  set(pairs: PickleValue[]): void {
    const map = this.#top()
    if (!(map instanceof Map) || pairs.length % 2) return this.broken('it sets items of what is not a dict')
    for (let i = 0; i < pairs.length; i += 2) map.set(this.key(pairs[i]), pairs[i + 1])
  }

  key(value: PickleValue): PickleKey {
    return value !== null && typeof value === 'object'
      ? this.broken('a key of a dict is neither text nor a number')
      : value
  }

  global(module: PickleValue, name: PickleValue): void {
    const full = `${String(module)}.${String(name)}`
    const call = this.#table.globals.get(full)
    if (call === undefined)
      throw problem(
        'unsupported',
        this.#file,
        `it wants to load ${full.slice(0, 120)}, which is code and is never run`,
        'Save the tensors alone (torch.save of a state_dict, or safetensors) and import that.',
      )
    this.push(new PickleGlobal(full, call))
  }

  reduce(): void {
    const args = this.#pop()
    const callee = this.#pop()
    if (!(callee instanceof PickleGlobal) || !callee.call || !Array.isArray(args))
      return this.broken('it calls what cannot be called')
    this.push(callee.call(args))
  }

  /** State set on an object: an OrderedDict may carry attributes (a state_dict's versions), which are left out. */
  build(): void {
    this.#pop()
    if (!(this.#top() instanceof Map)) this.broken('it sets the state of what is not a dict')
  }

  persistent(): void {
    this.push(this.#table.persistent(this.#pop()))
  }
}

type Step = (machine: Machine, input: PickleReader) => void
const constant =
  (make: () => PickleValue): Step =>
  (m) =>
    m.push(make())
const tuple =
  (n: number): Step =>
  (m) =>
    m.push(Array.from({ length: n }, m.pop).reverse())
const read =
  (how: (input: PickleReader) => PickleValue): Step =>
  (m, input) =>
    m.push(how(input))

/** One line an opcode. A list and a tuple are both arrays. */
const STEPS: Readonly<Record<string, Step>> = {
  '\x80': (m, input) => void (input.u8() > 5 && m.broken('its protocol is newer than 5')),
  '\x95': (_m, input) => void input.u64(), // frame
  '(': (m) => m.push(MARK),
  '0': (m) => m.discard(),
  '1': (m) => void m.popMark(),
  '2': (m) => m.duplicate(),
  N: constant(() => null),
  '\x88': constant(() => true),
  '\x89': constant(() => false),
  ']': constant(() => []),
  ')': constant(() => []),
  '}': constant(() => new Map()),
  '\x8f': constant(() => []), // empty set
  l: (m) => m.push(m.popMark()),
  t: (m) => m.push(m.popMark()),
  '\x91': (m) => m.push(m.popMark()), // frozen set
  '\x85': tuple(1),
  '\x86': tuple(2),
  '\x87': tuple(3),
  d: (m) => {
    const pairs = m.popMark()
    m.push(new Map())
    m.set(pairs)
  },
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.popMark()),
  '\x90': (m) => m.append(m.popMark()), // add to a set
  s: (m) => {
    const value = m.pop()
    m.set([m.pop(), value])
  },
  u: (m) => m.set(m.popMark()),
  q: (m, input) => m.store(input.u8()),
  r: (m, input) => m.store(input.u32()),
  '\x94': (m) => m.memoize(),
  h: (m, input) => m.recall(input.u8()),
  j: (m, input) => m.recall(input.u32()),
  p: (m, input) => m.store(Number(input.line())),
  g: (m, input) => m.recall(Number(input.line())),
  J: read((input) => input.i32()),
  K: read((input) => input.u8()),
  M: read((input) => input.u16()),
  I: read((input) => input.textInteger()),
  L: read((input) => input.textInteger()),
  '\x8a': read((input) => input.long(input.u8())),
  '\x8b': read((input) => input.long(input.u32())),
  G: read((input) => input.f64()),
  F: read((input) => Number(input.line())),
  X: read((input) => input.text(input.u32())),
  '\x8c': read((input) => input.text(input.u8())),
  '\x8d': read((input) => input.text(input.u64())),
  T: read((input) => input.text(input.u32())),
  U: read((input) => input.text(input.u8())),
  B: read((input) => input.bytes(input.u32())),
  C: read((input) => input.bytes(input.u8())),
  '\x8e': read((input) => input.bytes(input.u64())),
  c: (m, input) => m.global(input.line(), input.line()),
  '\x93': (m) => {
    const name = m.pop()
    m.global(m.pop(), name)
  },
  R: (m) => m.reduce(),
  '\x81': (m) => m.reduce(), // NEWOBJ: the same call without __init__
  b: (m) => m.build(),
  Q: (m) => m.persistent(),
}

/**
 * Reads a pickle as plain data: numbers, text, lists and tuples (both arrays), dicts (Maps), and what the table makes.
 * @throws Problem bad-file for what is broken; unsupported, naming it, for a name that is not in the table.
 */
export const unpickle = (bytes: Uint8Array, table: PickleTable, file: string): PickleValue =>
  new Machine(bytes, table, file).run()
