import { SvelteMap } from 'svelte/reactivity'
import { matchPath, writeAddress } from './address.ts'
import { route } from './route.svelte.ts'
import { things } from './things.svelte.ts'
import { rooms, views, type Crumb, type ViewEntry } from '../views/index.ts'

/** What the address means: which view, with which parameters, in which room of the rail. */
class Places {
  readonly #last = new SvelteMap<string, string>()
  readonly here = $derived.by((): { view: ViewEntry; params: Record<string, string> } | null => {
    for (const view of views) {
      const params = matchPath(view.at, route.path)
      if (params) return { view, params }
    }
    return null
  })
  readonly room = $derived(this.here?.view.room ?? '')
  readonly crumbs = $derived.by((): Crumb[] => {
    const home: Crumb = { label: workspaceName(things.info?.folder), path: '/home' }
    if (!this.here) return [home, { label: 'Nothing here' }]
    const { view, params } = this.here
    return [home, ...view.crumbs(params, (id) => things.nameOf(id))]
  })

  /** Where one was last in a room of the rail, with its selection: going back there loses nothing. */
  lastIn(room: string): string | undefined {
    return room === this.room ? undefined : this.#last.get(room)
  }

  /** Remembers each place; returns what ends it. */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => {
        if (rooms.some(({ id }) => id === this.room))
          this.#last.set(this.room, writeAddress(route.address).slice(1))
      })
    })
  }
}
export const places = new Places()

/** The folder's own name: "/home/ada/suture/demo" → "demo". */
export function workspaceName(folder: string | undefined): string {
  return folder?.split(/[\\/]/).findLast((part) => part !== '') ?? 'Workspace'
}
