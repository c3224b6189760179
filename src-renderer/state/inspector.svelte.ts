import type { Snippet } from 'svelte'

/** The pane that opens from the right and explains what is selected; a view fills it and never covers itself. */
class Inspector {
  title = $state('')
  content = $state.raw<Snippet | null>(null)
  #onClose: (() => void) | undefined

  get isOpen(): boolean {
    return this.content !== null
  }

  /** Shows `content` in place of what was open; `onClose` is called when a person closes it. */
  open(title: string, content: Snippet, onClose?: () => void): void {
    this.title = title
    this.content = content
    this.#onClose = onClose
  }

  /** Closes without a word to whoever opened it, if it shows one of these: for a view that goes. */
  leave(...contents: Snippet[]): void {
    if (this.content === null || !contents.includes(this.content)) return
    this.#onClose = undefined
    this.content = null
  }

  close(): void {
    const onClose = this.#onClose
    this.#onClose = undefined
    this.content = null
    onClose?.()
  }
}
export const inspector = new Inspector()
