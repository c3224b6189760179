/** Tags as typed, separated by commas; each once, in the order they were typed. */
export function tagsOf(text: string): string[] {
  const tags = text
    .split(/[,;]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  return [...new Set(tags)]
}
