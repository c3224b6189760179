/** Where the window is: `#/sae/s-1a2b3c/feature/12?sort=density` → path "/sae/s-1a2b3c/feature/12", query { sort }. */
export interface Address {
  path: string
  query: Record<string, string>
}

export const HOME = '/home'

/** Reads a location hash; what is not an address of ours is home. */
export function readAddress(hash: string): Address {
  if (!hash.startsWith('#/')) return { path: HOME, query: {} }
  const [path, search = ''] = hash.slice(1).split('?', 2)
  return { path: path.replace(/\/+$/, '') || HOME, query: Object.fromEntries(new URLSearchParams(search)) }
}

/** The inverse of `readAddress`; empty values of the query are left out. */
export function writeAddress({ path, query }: Address): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return `#${path}${search.size ? `?${search}` : ''}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a stray % that someone typed
  }
}

/** The parameters of a path that fits a pattern such as "/sae/:id/feature/:number", or null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(':')) {
      if (given[i] === '') return null
      params[part.slice(1)] = decoded(given[i])
    } else if (part !== given[i]) return null
  }
  return params
}
