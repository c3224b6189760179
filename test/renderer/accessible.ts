import axe from 'axe-core'
import { expect } from 'vitest'

const FRAMES_TO_SETTLE = 4
const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))

/** Fails with the names of the rules that are broken and where. */
export async function expectAccessible(root: Element = document.body): Promise<void> {
  // What observes sizes hears of a new layout one frame later.
  for (let i = 0; i < FRAMES_TO_SETTLE; i++) await frame()
  const { violations } = await axe.run(root, {
    // Tests render parts of a page; whether it has one main landmark is asked of the whole window only.
    rules: { region: { enabled: false } },
  })
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} — ${failureSummary}`),
  }))
  expect(found).toEqual([])
}
