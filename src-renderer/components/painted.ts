/** So long a frame is waited for; a window that nobody sees draws none. */
const UNSEEN_MS = 100

/** Resolves when what was changed just now has been painted: after the next frame. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const unseen = setTimeout(resolve, UNSEEN_MS)
    requestAnimationFrame(() => {
      clearTimeout(unseen)
      setTimeout(resolve) // a task of its own, after the frame's layout and paint
    })
  })
}
