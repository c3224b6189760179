/** Typed arrays as plain lists; numbers that are none as null, as JSON has them. */
function replaceArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<number>)
    : value
}

/** A value as a JSON document that anything can read. */
export const jsonText = (value: unknown): string => JSON.stringify(value, replaceArrays, 2)
