// What one token looks like as text. Tokenizers spell tokens in an alphabet of their own.

/**
 * GPT-2's alphabet: printable Latin-1 stands for itself, the other bytes for the letters from U+0100 on.
 * https://github.com/openai/gpt-2/blob/master/src/encoder.py (bytes_to_unicode)
 */
function byteLetters(): Map<string, number> {
  const letters = new Map<string, number>()
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)
  let next = 0x100
  for (let byte = 0; byte < 256; byte++)
    letters.set(String.fromCodePoint(printable(byte) ? byte : next++), byte)
  return letters
}
const BYTE_OF_LETTER = byteLetters()

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Bytes as UTF-8; where they are no whole characters, as \xE2\x80. */
function bytesAsText(bytes: readonly number[]): string {
  try {
    return strict.decode(Uint8Array.from(bytes))
  } catch {
    return bytes
      .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`))
      .join('')
  }
}

function byteLevelText(token: string): string {
  const bytes = [...token].map((letter) => BYTE_OF_LETTER.get(letter))
  return bytes.includes(undefined) ? token : bytesAsText(bytes as number[])
}

const FALLBACK_BYTE = /^<0x([0-9A-F]{2})>$/
/** SentencePiece: ▁ is a space, <0x0A> a byte. */
function sentencePieceText(token: string): string {
  const byte = FALLBACK_BYTE.exec(token)
  return byte ? bytesAsText([parseInt(byte[1], 16)]) : token.replaceAll('▁', ' ')
}

/** How a tokenizer.json's tokens are read, by the decoder it names. */
export function tokenTextOf(decoder: unknown): (token: string) => string {
  const words = JSON.stringify(decoder ?? null)
  if (words.includes('"ByteLevel"')) return byteLevelText
  if (words.includes('▁') || words.includes('"ByteFallback"')) return sentencePieceText
  return (token) => token
}
