const KEY = 'suture.settings'

export type ThemeChoice = 'system' | 'light' | 'dark'
interface Saved {
  theme: ThemeChoice
  /** Written beside every label this person makes. */
  labelAuthor: string
  notifyWhenJobsEnd: boolean
  /** Whether a bench measures the next-token loss after each edit, and on how many rows. */
  lossAfterDrops: boolean
  lossRows: number
}
const DEFAULTS: Saved = {
  theme: 'system',
  labelAuthor: '',
  notifyWhenJobsEnd: true,
  lossAfterDrops: true,
  lossRows: 32,
}

function saved(): Saved {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Saved>) }
  } catch {
    return DEFAULTS
  }
}

/** What a person chose for this window; kept in the browser, not in the workspace. */
class Settings {
  #values = $state(saved())
  #systemIsDark = $state(false)

  /** Follows the system's theme and paints the chosen one; returns what ends it. */
  start(): () => void {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const follow = (): void => {
      this.#systemIsDark = system.matches
      this.#paint()
    }
    follow()
    system.addEventListener('change', follow)
    return () => system.removeEventListener('change', follow)
  }

  get theme(): ThemeChoice {
    return this.#values.theme
  }
  set theme(theme: ThemeChoice) {
    this.#set({ theme })
    this.#paint()
  }
  get isDark(): boolean {
    return this.theme === 'system' ? this.#systemIsDark : this.theme === 'dark'
  }
  get labelAuthor(): string {
    return this.#values.labelAuthor
  }
  set labelAuthor(labelAuthor: string) {
    this.#set({ labelAuthor })
  }
  get notifyWhenJobsEnd(): boolean {
    return this.#values.notifyWhenJobsEnd
  }
  set notifyWhenJobsEnd(notifyWhenJobsEnd: boolean) {
    this.#set({ notifyWhenJobsEnd })
  }
  get lossAfterDrops(): boolean {
    return this.#values.lossAfterDrops
  }
  set lossAfterDrops(lossAfterDrops: boolean) {
    this.#set({ lossAfterDrops })
  }
  get lossRows(): number {
    return this.#values.lossRows
  }
  set lossRows(lossRows: number) {
    this.#set({ lossRows })
  }

  #set(change: Partial<Saved>): void {
    Object.assign(this.#values, change)
    localStorage.setItem(KEY, JSON.stringify(this.#values))
  }
  #paint(): void {
    document.documentElement.dataset['theme'] = this.isDark ? 'dark' : 'light'
  }
}
export const settings = new Settings()
