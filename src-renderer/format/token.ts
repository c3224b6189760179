/** One piece of a token as it is drawn: plain text, or a mark that stands for white space. */
export interface TokenPiece {
  text: string
  mark: boolean
}

const LEADING_SPACE = '·'
const NEWLINE = '⏎'
const TAB = '⇥'

/** Spaces at the front as `·`, newlines as `⏎`, tabs as `⇥`; control characters by their number. */
export function tokenPieces(token: string): TokenPiece[] {
  const pieces: TokenPiece[] = []
  const add = (text: string, mark: boolean): void => {
    const last = pieces.at(-1)
    if (last?.mark === mark) last.text += text
    else pieces.push({ text, mark })
  }
  let leading = true
  for (const character of token) {
    if (character === ' ' && leading) add(LEADING_SPACE, true)
    else {
      leading = false
      if (character === '\n') add(NEWLINE, true)
      else if (character === '\t') add(TAB, true)
      else if (character < ' ' || character === '\u007f')
        add(`\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`, true)
      else add(character, false)
    }
  }
  return pieces.length ? pieces : [{ text: '∅', mark: true }]
}

/** The token in one string, for tables, menus and tooltips. */
export const readableToken = (token: string): string =>
  tokenPieces(token)
    .map((piece) => piece.text)
    .join('')
