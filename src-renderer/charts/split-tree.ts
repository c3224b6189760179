import { hierarchy } from 'd3'
import type { SplitNode } from '#contract/splitting.ts'

export interface TreeNode {
  /** Unique in the tree. */
  key: string
  node: SplitNode
  /** null at the root. */
  parent: SplitNode | null
  x: number
  y: number
}
export interface TreeLink {
  key: string
  parent: SplitNode
  child: SplitNode
  path: string
  /** Pixels: 1 at a cosine of 0.5 and below, 7 at 1. */
  width: number
}
export interface TreeGeometry {
  nodes: TreeNode[]
  links: TreeLink[]
  height: number
  /** x of each level. */
  levels: number[]
}

const ROW = 22
const TOP = 34
const LEFT = 14
/** Room for the label of the last level: pixels, and at most this share of a narrow picture. */
const RIGHT = 150
const RIGHT_SHARE = 0.4

const keyOf = ({ level, feature }: SplitNode): string => `${level}.${feature}`

/** A tree from left to right: one column a width, a row a leaf, every parent in the middle of its children. */
export function splitTreeGeometry(root: SplitNode, levelCount: number, width: number): TreeGeometry {
  const step = Math.max(
    70,
    (width - LEFT - Math.min(RIGHT, width * RIGHT_SHARE)) / Math.max(1, levelCount - 1),
  )
  const xOf = (level: number): number => LEFT + (level - root.level) * step
  const tree = hierarchy(root)
  const y = new Map<SplitNode, number>()
  let row = 0
  tree.eachAfter(({ data, children }) => {
    if (!children) y.set(data, TOP + row++ * ROW)
    else y.set(data, (y.get(children[0].data)! + y.get(children[children.length - 1].data)!) / 2)
  })
  const nodes = tree.descendants().map(({ data, parent }): TreeNode => ({
    key: keyOf(data),
    node: data,
    parent: parent?.data ?? null,
    x: xOf(data.level),
    y: y.get(data)!,
  }))
  const links = tree.links().map(({ source: { data: parent }, target: { data: child } }): TreeLink => {
    const [x0, x1] = [xOf(parent.level), xOf(child.level)]
    const [y0, y1] = [y.get(parent)!, y.get(child)!]
    const middle = x0 + (x1 - x0) * 0.6
    return {
      key: keyOf(child),
      parent,
      child,
      path: `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}`,
      width: 1 + 6 * Math.max(0, (child.cosine - 0.5) / 0.5),
    }
  })
  return {
    nodes,
    links,
    height: TOP + row * ROW,
    levels: Array.from({ length: levelCount }, (_, level) => LEFT + level * step),
  }
}

/** Pixels of a character of a level's name. */
const CHARACTER = 6.2
const MOST_CHARACTERS = 22

/**
 * The names of the levels, `step` pixels from one to the next, so that they do not touch. Where they would, the words
 * they all begin with are left out: "Demo SAE 64", "Demo SAE 128" become "64", "128".
 */
export function namesSideBySide(names: readonly string[], step: number): string[] {
  const room = Math.min(MOST_CHARACTERS, Math.max(3, Math.floor(step / CHARACTER) - 2))
  // The first begins at its level and reaches towards the second, which is centred on its own.
  const fits = (all: readonly string[]): boolean =>
    all.every((name, level) =>
      level === 0 ? (name.length + (all[1]?.length ?? 0) / 2 + 1) * CHARACTER <= step : name.length <= room,
    )
  if (fits(names)) return [...names]
  const words = names.map((name) => name.split(' '))
  let shared = 0
  while (words.every((w) => w.length > shared + 1 && w[shared] === words[0][shared])) shared++
  return words.map((w) => {
    const name = w.slice(names.length > 1 ? shared : 0).join(' ')
    return name.length <= room ? name : `${name.slice(0, room - 1).trimEnd()}…`
  })
}
