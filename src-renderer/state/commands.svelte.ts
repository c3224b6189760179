export interface Command {
  /** Stable name; the native menu uses it too ("add-model"). */
  id: string
  /** What it does, in the words of a button. */
  label: string
  /** Heading in the palette. */
  group: string
  /** "j", "g h" (one after the other), "mod+k" (⌘ or Ctrl), "shift+?"; single keys do nothing while typing. */
  keys?: string
  /** Further words by which the palette finds it. */
  words?: string[]
  run: () => void
}

const SEQUENCE_MS = 900
const isMac = navigator.platform.startsWith('Mac')

const ARROWS = { Left: '←', Right: '→', Up: '↑', Down: '↓' }

/** The keys as a person reads them: "mod+k" → "⌘K" or "Ctrl K". */
export function keysInWords(keys: string): string {
  return keys
    .split(' ')
    .map((part) =>
      part
        .replace('mod+', isMac ? '⌘' : 'Ctrl ')
        .replace('shift+', isMac ? '⇧' : 'Shift ')
        .replace('alt+', isMac ? '⌥' : 'Alt ')
        .replace(/Arrow(\w+)/, (_, way: keyof typeof ARROWS) => ARROWS[way])
        .replace(/(?<=[⌘⇧⌥ ])[a-z]$/, (letter) => letter.toUpperCase()),
    )
    .join(' ')
}

/** The key that was pressed, in the notation of `Command.keys`. */
export function pressed(event: KeyboardEvent): string {
  const mod = (isMac ? event.metaKey : event.ctrlKey) ? 'mod+' : ''
  const alt = event.altKey ? 'alt+' : ''
  const named = event.key.length > 1
  const shift = event.shiftKey && (named || mod) ? 'shift+' : ''
  return `${mod}${alt}${shift}${named ? event.key : event.key.toLowerCase()}`
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable=true]',
    ) !== null
  )
}

/** Everything that can be run: by the palette, by keys, by the native menu. */
class Commands {
  // Not state itself: an effect that ends sees state as it was before, and would take others' new commands away again.
  #sets: Command[][] = []
  #changed = $state.raw({})
  #firstKey = ''
  #firstAt = 0
  readonly list = $derived((void this.#changed, this.#sets.flat()))

  /** Adds commands for as long as something is on screen; returns what removes them: `$effect(() => commands.add([…]))`. */
  add(added: Command[]): () => void {
    this.#set([...this.#sets, added])
    return () => this.#set(this.#sets.filter((set) => set !== added))
  }

  #set(sets: Command[][]): void {
    this.#sets = sets
    this.#changed = {}
  }

  /** Runs the command of that name; false when there is none now. */
  run(id: string): boolean {
    const command = this.list.findLast((one) => one.id === id)
    command?.run()
    return command !== undefined
  }

  /** Runs what a key press stands for. Later additions win: a view may take a key over. */
  onKeydown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    const key = pressed(event)
    const plain = !key.startsWith('mod+') && !key.startsWith('alt+')
    if (plain && isTyping(event.target)) return
    const inSequence = this.#firstKey !== '' && event.timeStamp - this.#firstAt < SEQUENCE_MS
    const wanted = inSequence ? `${this.#firstKey} ${key}` : key
    this.#firstKey = ''
    const command = this.list.findLast((one) => one.keys === wanted)
    if (command) {
      event.preventDefault()
      command.run()
    } else if (!inSequence && plain && this.list.some((one) => one.keys?.startsWith(`${key} `))) {
      this.#firstKey = key
      this.#firstAt = event.timeStamp
    }
  }
}
export const commands = new Commands()
