const KEY = 'suture.token'

/** Keeps the token of `#token=…` for this tab and removes it from the address, where it could be copied along. */
export function takeTokenFromAddress(): void {
  const found = /^#(?:.*&)?token=([^&]+)/.exec(location.hash)
  if (!found) return
  sessionStorage.setItem(KEY, decodeURIComponent(found[1]))
  history.replaceState(history.state, '', `${location.pathname}${location.search}`)
}

export const sessionToken = (): string => sessionStorage.getItem(KEY) ?? ''
