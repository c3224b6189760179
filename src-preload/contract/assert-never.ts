/** Closes a discriminated union: a forgotten case is a compile error, and a clear failure at run time. */
export function assertNever(value: never): never {
  throw new Error(`a case was forgotten: ${JSON.stringify(value)}`)
}
