import type { ViewEntry } from '../views/index.ts'

const loaded = new Map<ViewEntry['load'], ReturnType<ViewEntry['load']>>()

/** The view's code, fetched once: two addresses of one view are one component that stays. */
export function loadView({ load }: ViewEntry): ReturnType<ViewEntry['load']> {
  const known = loaded.get(load)
  if (known) return known
  const module = load()
  loaded.set(load, module)
  module.catch(() => loaded.delete(load)) // the next visit tries again
  return module
}
