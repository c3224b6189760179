/** So long a frame is waited for; a window that nobody sees draws none. */
const UNSEEN_MS = 100

/** Resolves when what was changed just now is on the screen: the frame after the one that draws it has begun. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const unseen = setTimeout(resolve, UNSEEN_MS)
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        clearTimeout(unseen)
        resolve()
      }),
    )
  })
}
