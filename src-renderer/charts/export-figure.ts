// A chart on screen as a file of its own: SVG with its styles written out, or PNG.

const KEPT = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-linecap',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
]
const SVG = 'http://www.w3.org/2000/svg'
const TITLE_HEIGHT = 28
const CAPTION_HEIGHT = 24
const CAPTION_LINE = 13
/** Mean width of a letter of a caption, in pixels: its lines are broken by it, since a file has no layout. */
const CAPTION_LETTER = 5.4

function inlineStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from)
  const kept = KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';')
  to.setAttribute('style', kept)
  to.removeAttribute('class')
  for (const [i, child] of [...from.children].entries()) inlineStyles(child, to.children[i])
}

function element(name: string, attributes: Record<string, string | number>, text?: string): Element {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  if (text !== undefined) made.textContent = text
  return made
}

export interface Figure {
  svg: SVGSVGElement
  /** Marks drawn beside the SVG when there are too many for it. */
  canvas: HTMLCanvasElement | null
  title: string
  caption: string
}

/** A caption in lines that fit a width in pixels; a word longer than that keeps its line. */
function captionLines(caption: string, width: number): string[] {
  const letters = Math.max(20, Math.floor(width / CAPTION_LETTER))
  const lines: string[] = []
  for (const word of caption.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= letters)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The figure with title and caption as one SVG document that needs nothing else. */
export function svgText({ svg, canvas, title, caption }: Figure): string {
  const { width, height } = svg.getBoundingClientRect()
  const root = getComputedStyle(document.documentElement)
  const font = getComputedStyle(svg).fontFamily
  const lines = captionLines(caption, width - 16)
  const total = height + TITLE_HEIGHT + CAPTION_HEIGHT + CAPTION_LINE * (lines.length - 1)
  const out = element('svg', { xmlns: SVG, width, height: total, viewBox: `0 0 ${width} ${total}` })
  out.append(element('rect', { width, height: total, fill: root.getPropertyValue('--bg') }))
  const words = { x: 8, 'font-family': font, fill: root.getPropertyValue('--text') }
  out.append(element('text', { ...words, y: 18, 'font-size': 13, 'font-weight': 600 }, title))
  const body = element('g', { transform: `translate(0 ${TITLE_HEIGHT})` })
  if (canvas) body.append(element('image', { width, height, href: canvas.toDataURL('image/png') }))
  const copy = svg.cloneNode(true) as Element
  inlineStyles(svg, copy)
  copy.querySelectorAll('[data-screen-only]').forEach((one) => one.remove())
  body.append(...copy.childNodes)
  out.append(body)
  for (const [i, line] of lines.entries()) {
    const y = total - 8 - CAPTION_LINE * (lines.length - 1 - i)
    out.append(element('text', { ...words, y, 'font-size': 10, 'fill-opacity': 0.75 }, line))
  }
  return new XMLSerializer().serializeToString(out)
}

/** The same at twice the size of the screen. */
export const pngBlob = (figure: Figure): Promise<Blob> => pngOfSvg(svgText(figure))

/** An SVG document as a picture, at twice its size. */
export async function pngOfSvg(svg: string): Promise<Blob> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = new OffscreenCanvas(image.width * 2, image.height * 2)
  const context = canvas.getContext('2d')!
  context.scale(2, 2)
  context.drawImage(image, 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}

/** Hands a file to the person, as the browser or Electron does with downloads. */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** "Explained variance" → "explained-variance.svg". */
export const fileName = (title: string, ending: string): string =>
  `${
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'figure'
  }.${ending}`
