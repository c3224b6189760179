import { tokenPieces } from '../format/token.ts'

/** How tokens are drawn. */
export interface TokenLook {
  /** 0 … 1, how deep the amber of token `i` is. */
  shade: (i: number) => number
  /** The token that is underlined. */
  mark: number | undefined
  /** A line break after every newline token. */
  breaks: boolean
}

function tokenElement(token: string, amount: number, isMarked: boolean): HTMLSpanElement {
  const element = document.createElement('span')
  element.className = `token${isMarked ? ' mark' : ''}${amount > 0 ? ' fires' : ''}`
  if (amount > 0) element.style.setProperty('--amount', `${Math.round(amount * 100)}%`)
  for (const { text, mark } of tokenPieces(token)) {
    if (!mark) element.append(text)
    else {
      const space = document.createElement('span')
      space.className = 'space'
      space.textContent = text
      element.append(space)
    }
  }
  return element
}

/**
 * Tokens [from, to) as elements of class `token`. Made by hand: a page of examples has a thousand of them that never
 * change, and as components each would cost several times what it takes to draw it.
 */
export function tokenNodes(
  tokens: readonly string[],
  from: number,
  to: number,
  { shade, mark, breaks }: TokenLook,
): DocumentFragment {
  const nodes = document.createDocumentFragment()
  for (let i = from; i < to; i++) {
    nodes.append(tokenElement(tokens[i], shade(i), i === mark))
    if (breaks && tokens[i].includes('\n')) nodes.append(document.createElement('br'))
  }
  return nodes
}
