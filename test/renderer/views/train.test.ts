import { describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { paretoFront } from '../../../src-renderer/views/train/pareto.ts'
import { NO_OPTIONS, specsOf, sweepInWords, type Sweep } from '../../../src-renderer/views/train/sweep.ts'
import { emptyWorkspace, fakeCurve, fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'

const sweep: Sweep = {
  architectures: ['topk'],
  widths: [256, 512],
  ks: [16, 32],
  by: 'L0',
  penalties: [],
  learningRates: [],
  seeds: [0],
  options: NO_OPTIONS,
}

describe('a sweep', () => {
  test('is every combination of widths, sparsities and seeds', () => {
    expect(specsOf(sweep)).toEqual([
      { architecture: 'topk', width: 256, k: 16, seed: 0 },
      { architecture: 'topk', width: 256, k: 32, seed: 0 },
      { architecture: 'topk', width: 512, k: 16, seed: 0 },
      { architecture: 'topk', width: 512, k: 32, seed: 0 },
    ])
    expect(sweepInWords({ ...sweep, seeds: [0, 1, 2] })).toBe('2 widths × 2 values of k × 3 seeds')
  })
  test('gives each architecture its own measure of sparsity, or none for the default', () => {
    const standard: Sweep = { ...sweep, architectures: ['standard'], widths: [256] }
    expect(specsOf({ ...standard, by: 'L0', penalties: [40] })[0]).toMatchObject({ targetL0: 40 })
    expect(specsOf({ ...standard, by: 'λ', penalties: [0.005] })[0]).toMatchObject({ sparsity: 0.005 })
    expect(specsOf({ ...standard, by: 'L0' })).toEqual([{ architecture: 'standard', width: 256, seed: 0 }])
    expect(specsOf({ ...sweep, widths: [256], ks: [] })).toEqual([
      { architecture: 'topk', width: 256, seed: 0 },
    ])
  })
  test('nests the same dictionaries in a matryoshka of every width', () => {
    const nested: Sweep = {
      ...sweep,
      architectures: ['matryoshka'],
      ks: [],
      options: { ...NO_OPTIONS, nested: [32, 128] },
    }
    expect(specsOf(nested)).toEqual([
      { architecture: 'matryoshka', width: 256, seed: 0, widths: [32, 128, 256] },
      { architecture: 'matryoshka', width: 512, seed: 0, widths: [32, 128, 512] },
    ])
    expect(specsOf({ ...nested, architectures: ['batchtopk'] })[0]).not.toHaveProperty('widths')
  })
  test('of several kinds gives each what it has, and no other option', () => {
    const both: Sweep = {
      ...sweep,
      architectures: ['topk', 'jumprelu', 'tied'],
      widths: [256],
      penalties: [12],
      learningRates: [1e-3],
      options: { ...NO_OPTIONS, cosine: 0.1, auxK: 8, bandwidth: 0.2, decoderNorm: 'unit' },
    }
    const shared = { width: 256, seed: 0, learningRate: 1e-3, cosine: 0.1 }
    expect(specsOf(both)).toEqual([
      { architecture: 'topk', ...shared, k: 16, decoderNorm: 'unit', auxK: 8 },
      { architecture: 'topk', ...shared, k: 32, decoderNorm: 'unit', auxK: 8 },
      { architecture: 'jumprelu', ...shared, targetL0: 12, decoderNorm: 'unit', bandwidth: 0.2 },
      { architecture: 'tied', ...shared, targetL0: 12 },
    ])
    expect(sweepInWords({ ...both, penalties: [8, 12] })).toBe('3 kinds × (2 values of k, 2 values of L0)')
  })
})

test('the front is of those that no other beats in both', () => {
  const points = [
    { l0: 32, value: 2 },
    { l0: 16, value: 5 },
    { l0: 16, value: 4 },
    { l0: 64, value: 3 },
    { l0: 64, value: 1 },
    { l0: NaN, value: 0 },
  ]
  expect(paretoFront(points)).toEqual([2, 0, 4])
  expect(paretoFront(points, 'more')).toEqual([1])
})

describe('training', () => {
  test('a sweep is started from one form', async () => {
    const start = vi.fn((_input: object) => ({ job: 'j-train222', run: 'r-sweep111', ids: [] }))
    await openWindow('/train', { answers: { training: { start } } })
    await page.getByLabelText('Widths').fill('256 1k')
    await page.getByLabelText('k', { exact: true }).fill('8 16')
    await expect.element(page.getByText('4 SAEs: 2 widths × 2 values of k')).toBeVisible()
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect.poll(() => location.hash).toBe('#/train/r-sweep111')
    expect(start.mock.lastCall?.[0]).toMatchObject({
      source: { from: 'activations', activationSetId: 'a-resid2aa' },
      saes: [
        { architecture: 'topk', width: 256, k: 8 },
        { width: 256, k: 16 },
        { width: 1000, k: 8 },
        { width: 1000, k: 16 },
      ],
    })
  })

  test('activations come straight from the model where none are kept', async () => {
    const start = vi.fn((_input: object) => ({ job: 'j-train222', run: 'r-sweep111', ids: [] }))
    await openWindow('/train', { answers: { training: { start } } })
    await page.getByRole('radio', { name: 'From the model' }).click({ force: true })
    await page.getByLabelText('Model').selectOptions('stories260K')
    await page.getByLabelText('Hook point').selectOptions('blocks.3.mlp.hook_post (256)')
    await page.getByLabelText('Corpus').selectOptions('tinystories')
    await expect.element(page.getByText('×8 of d_in', { exact: false })).toBeVisible()
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect
      .poll(() => start.mock.lastCall?.[0])
      .toMatchObject({
        source: {
          from: 'model',
          modelId: 'm-stories1',
          corpusId: 'c-tinystor',
          hookName: 'blocks.3.mlp.hook_post',
        },
        saes: [{ width: 2048 }],
      })
  })

  test('several kinds and every option go into one request', async () => {
    const start = vi.fn((_input: object) => ({ job: 'j-train222', run: 'r-sweep111', ids: [] }))
    await openWindow('/train', { answers: { training: { start } } })
    await page.getByLabelText('Kind', { exact: true }).selectOptions('several kinds …')
    await page.getByRole('checkbox', { name: 'JumpReLU' }).click()
    await page.getByRole('checkbox', { name: 'TopK', exact: true }).click()
    await page.getByLabelText('Widths').fill('256')
    await page.getByRole('textbox', { name: 'L0' }).fill('12')
    await page.getByText('More', { exact: true }).click()
    await page.getByLabelText('Decoder cosine').fill('0.1')
    await page.getByLabelText('Rate warm-up').fill('100')
    await page.getByLabelText('Clip gradient at').fill('1')
    await page.getByLabelText('b_dec starts at').selectOptions('mean')
    await page.getByLabelText('Bandwidth ε').fill('0.2')
    await page.getByRole('checkbox', { name: /Resample dead/ }).click()
    await expect.element(page.getByLabelText('Aux-k', { exact: true })).not.toBeInTheDocument()
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await expect
      .poll(() => start.mock.lastCall?.[0])
      .toMatchObject({
        learningRateWarmUp: 100,
        clipNorm: 1,
        centre: 'mean',
        saes: [
          { architecture: 'standard', width: 256, targetL0: 12, cosine: 0.1, resample: false },
          { architecture: 'jumprelu', width: 256, targetL0: 12, cosine: 0.1, bandwidth: 0.2 },
        ],
      })
  })

  test('what is wrong with a width is said beside it, and nothing can be started', async () => {
    await openWindow('/train')
    await page.getByLabelText('Widths').fill('512 wide')
    await expect.element(page.getByText('“wide” is not a number')).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled()
  })

  test('curves grow while a run goes on, and only what is new is asked for', async () => {
    const have = fakeWorkspace()
    const full = fakeCurve(256, 16)
    const asked: number[] = []
    let shown = 40
    const curve = vi.fn(({ afterStep }: { afterStep: number }) => {
      asked.push(afterStep)
      return full.slice(0, shown).filter(({ step }) => step > afterStep)
    })
    await openWindow('/train', { have, answers: { training: { curve } } })
    const line = (): string => document.querySelector('figure path.line')?.getAttribute('d') ?? ''
    await expect.poll(() => (line().match(/L/g) ?? []).length, { timeout: 10_000 }).toBe(39)
    shown = 60
    await expect.poll(() => (line().match(/L/g) ?? []).length, { timeout: 10_000 }).toBe(59)
    expect(new Set(asked)).toEqual(
      new Set([-1, full[39].step, full[59].step].filter((step) => asked.includes(step))),
    )
  })

  test('curves come also where the SAEs to draw change before the first answer', async () => {
    const have = fakeWorkspace()
    for (const job of have.jobs) job.state = 'done'
    let answer = (): void => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    const curve = vi.fn(({ afterStep }: { afterStep: number }) =>
      held.then(() => fakeCurve(256, 16).filter(({ step }) => step > afterStep)),
    )
    await openWindow('/train', { have, answers: { training: { curve } } })
    await expect.poll(() => curve.mock.calls.length).toBeGreaterThanOrEqual(6)
    await page.getByRole('checkbox', { name: 'Draw topk 256 k 16' }).click({ force: true })
    answer()
    await expect.poll(() => document.querySelectorAll('figure path.line').length).toBe(5 * 5)
  })

  test('an SAE is picked out in every chart, and left out of them', async () => {
    await openWindow('/train')
    const grid = page.getByRole('grid', { name: 'SAEs of the run' })
    await grid.getByText('topk 512 k 16').click()
    await expect.poll(() => document.querySelectorAll('figure path.line.back').length).toBe(5 * 5)
    await page.getByRole('checkbox', { name: 'Draw topk 256 k 16' }).click({ force: true })
    await expect.poll(() => document.querySelectorAll('figure path.line').length).toBe(5 * 5)
  })

  test('the parts of the loss and the rates have curves of their own', async () => {
    await openWindow('/train')
    const titles = (): (string | null)[] =>
      Array.from(document.querySelectorAll('figure h3'), (title) => title.textContent)
    await expect.poll(titles).toContain('Sparsity against quality')
    await page.getByRole('radio', { name: 'Loss and its parts' }).click({ force: true })
    await expect.poll(titles).toEqual(['Loss', 'Reconstruction', 'Aux'])
    await page.getByRole('radio', { name: 'Rate, λ, speed' }).click({ force: true })
    await expect.poll(titles).toEqual(['Learning rate', 'Gradient norm', 'Speed'])
    expect(location.hash).toContain('curves=steps')
  })

  test('where dead features began anew is marked', async () => {
    const points = fakeCurve(256, 16).map((point, i) => ({ ...point, resampled: i === 50 ? 7 : 0 }))
    const curve = ({ afterStep }: { afterStep: number }): object[] =>
      points.filter(({ step }) => step > afterStep)
    await openWindow('/train', { answers: { training: { curve } } })
    await expect.poll(() => document.querySelectorAll('figure path.line').length).toBeGreaterThan(0)
    await expect.poll(() => document.querySelectorAll('figure path.event').length).toBe(6)
    await expect
      .poll(() => document.querySelector('figure path.event')?.textContent)
      .toContain('7 features resampled')
  })

  test('why a run was stopped is said above its curves', async () => {
    const have = fakeWorkspace()
    const problem = {
      code: 'diverged' as const,
      subject: 'topk 256',
      message: 'at step 120 the loss is NaN, so the run was stopped; the checkpoint of step 100 is kept',
      next: 'Train again with a lower learning rate.',
    }
    for (const job of have.jobs) if (job.kind === 'train') Object.assign(job, { state: 'failed', problem })
    await openWindow('/train', { have })
    await expect.element(page.getByRole('main').getByText(/at step 120 the loss is NaN/)).toBeVisible()
    await expect.element(page.getByRole('main').getByText(/lower learning rate/)).toBeVisible()
  })

  test('a running job is paused from the run, and can be cancelled', async () => {
    const pause = vi.fn(() => null)
    await openWindow('/train', { answers: { jobs: { pause } } })
    await page.getByRole('main').getByRole('button', { name: 'Pause' }).click()
    await expect.poll(() => pause.mock.calls[0]).toEqual([{ id: 'j-train111' }, expect.anything()])
    await expect.element(page.getByRole('main').getByRole('button', { name: 'Cancel' })).toBeVisible()
  })

  test('without activations the next step is to harvest some', async () => {
    await openWindow('/train', { have: emptyWorkspace() })
    await expect.element(page.getByText('No run yet')).toBeVisible()
    await page.getByRole('link', { name: 'Harvest one' }).click()
    await expect.poll(() => location.hash).toBe('#/harvest')
    await userEvent.keyboard('{Escape}')
  })
})
