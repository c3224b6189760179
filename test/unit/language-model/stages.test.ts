// A passage in two halves, one a thread, gives what it gives as a whole.
import { expect, test } from 'vitest'
import type { HookPoint } from '#contract/model.ts'
import { openFolder } from '../../../src-main/language-model/inspect.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { passageGraph } from '../../../src-main/language-model/passage.ts'
import { RowCrew, type Shares } from '../../../src-main/language-model/row-crew.ts'
import { halves } from '../../../src-main/language-model/stages.ts'
import { fixtures, maxDifference, modelOf } from './model-of.ts'

const embed: HookPoint = { name: 'hook_embed', layer: null, width: 32 }

test('a passage is cut in the middle of its blocks; one without a block between is not', async () => {
  const { hookPoints } = await modelOf(`${fixtures}/gpt2-hub`)
  const point = (name: string): HookPoint => hookPoints.find((each) => each.name === name) ?? embed
  const cut = (given: string, ...wanted: string[]): string[][] =>
    halves(hookPoints, {
      given: point(given),
      wanted: wanted.map(point),
      areLong: false,
      centred: false,
    }).map((half) => [half.given.name, ...half.wanted.map(({ name }) => name)])
  expect(cut('hook_embed', 'blocks.1.hook_resid_post', 'blocks.0.attn.hook_z')).toEqual([
    ['hook_embed', 'blocks.0.attn.hook_z', 'blocks.1.hook_resid_pre'],
    ['blocks.1.hook_resid_pre', 'blocks.1.hook_resid_post'],
  ])
  expect(cut('hook_embed', 'blocks.1.hook_resid_pre')).toHaveLength(1)
  expect(cut('blocks.1.hook_resid_pre', 'blocks.1.hook_resid_post')).toHaveLength(1)
})

test.each(['gpt2-hub', 'neox-parallel', 'mistral'])(
  '%s: two halves give what the whole gives',
  async (name) => {
    const folder = `${fixtures}/${name}`
    const model = await modelOf(folder)
    const { architecture, checkpoint } = openFolder(folder)
    const [context, rows] = [16, 70]
    const ids = Int32Array.from({ length: rows * context }, (_, i) => (i * 31 + (i >> 4)) % model.vocabSize)
    const alone = await openLanguageModel(model, { threads: 1 })
    const wanted = model.hookPoints.slice(1)
    const [embedded, ...expected] = await alone.runTo(
      ['hook_embed', ...wanted.map((point) => point.name)],
      ids,
      rows,
    )
    await alone.close()

    const whole = { given: model.hookPoints[0], wanted, areLong: false, centred: false }
    const stages = halves(model.hookPoints, whole).map((passage) => ({
      passage,
      graph: passageGraph(architecture, checkpoint, passage),
    }))
    expect(stages).toHaveLength(2)
    const shares: Shares = { stages, copies: 1, threads: 1 }
    const crew = new RowCrew()
    await crew.open('whole', shares, checkpoint.root)
    const fill = (own: Float32Array): Promise<void> => Promise.resolve(own.set(embedded))
    const runs = await Promise.all([1, 2, 3].map(() => crew.run('whole', wanted, { ids, context }, fill)))
    for (const found of runs)
      for (const [i, values] of expected.entries())
        expect(maxDifference(found[i], values), wanted[i].name).toBeLessThan(1e-6)
    await crew.close()
  },
)

test('where a thread cannot open its part, whoever asked hears why', async () => {
  const model = await modelOf(`${fixtures}/gpt2-hub`)
  const { architecture, checkpoint } = openFolder(model.folder)
  const passage = {
    given: model.hookPoints[0],
    wanted: model.hookPoints.slice(1, 2),
    areLong: false,
    centred: false,
  }
  const graph = { ...passageGraph(architecture, checkpoint, passage), weightBytes: Infinity }
  const crew = new RowCrew()
  const opening = crew.open('large', { stages: [{ passage, graph }], copies: 2, threads: 1 }, checkpoint.root)
  await expect(opening).rejects.toThrow(/its weights take Infinity GB of memory/)
  await crew.close()
})
