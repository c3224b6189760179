/** What is typed, in two: the folder that is listed, and the beginning of a name in it. Both / and \ separate. */
export function splitPath(text: string): { folder: string; start: string } {
  const at = Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\'))
  if (at < 0) return { folder: '', start: text }
  return { folder: text.slice(0, at) || text[0], start: text.slice(at + 1) }
}

/** A name inside a folder, with the separator that the folder uses. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  return folder.endsWith(separator) ? folder + name : folder + separator + name
}

/** Ends with a separator: "look inside this". */
export const asFolder = (path: string): string => joinPath(path, '')

export function hasEnding(name: string, extensions: readonly string[]): boolean {
  return extensions.length === 0 || extensions.some((one) => name.toLowerCase().endsWith(`.${one}`))
}
