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
/** Room for the label of the last level. */
const RIGHT = 150

const keyOf = ({ level, feature }: SplitNode): string => `${level}.${feature}`

/** A tree from left to right: one column a width, a row a leaf, every parent in the middle of its children. */
export function splitTreeGeometry(root: SplitNode, levelCount: number, width: number): TreeGeometry {
  const step = Math.max(70, (width - LEFT - RIGHT) / Math.max(1, levelCount - 1))
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
