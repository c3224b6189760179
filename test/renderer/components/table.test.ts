import { createRawSnippet } from 'svelte'
import { describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import Table from '../../../src-renderer/components/Table.svelte'
import { rowOfSlot, rowsAround, slotsInOrder } from '../../../src-renderer/components/row-window.ts'
import { movedIndex, nextSort, sorted, type Column } from '../../../src-renderer/components/table-rows.ts'
import { expectAccessible } from '../accessible.ts'
import '../../../src-renderer/theme.css'

interface Row {
  id: number
  name: string
}
const rows: Row[] = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `feature ${id}` }))
const columns: Column<Row>[] = [
  { id: 'id', label: '#', width: '80px', align: 'right', text: ({ id }) => String(id), sort: 'descending' },
  { id: 'name', label: 'name', width: '1fr', text: ({ name }) => name },
  { id: 'wide', label: 'only when wide', width: '90px', text: () => 'x', from: 5000 },
]
const shown = (props: object = {}) => ({
  label: 'Features',
  rows,
  columns,
  key: ({ id }: Row) => id,
  ...props,
})
async function renderTable(props: object = {}): Promise<HTMLElement> {
  const { container } = await render(Table, shown(props) as never)
  container.style.cssText = 'display:flex; height:300px; width:600px'
  return container
}

describe('a table of 100,000 rows', () => {
  test('draws only those in sight', async () => {
    const container = await renderTable()
    await expect.element(page.getByText('feature 3', { exact: true })).toBeVisible()
    await expect.poll(() => container.querySelectorAll('[role=row]').length).toBeLessThan(60)
    await expect.element(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '100001')
    expect(container.textContent).not.toContain('only when wide')
  })
  test('selects with the arrow keys and opens with Enter', async () => {
    const onselect = vi.fn()
    const onopen = vi.fn()
    await renderTable({ selected: 4, onselect, onopen })
    page.getByRole('grid').element().focus()
    await userEvent.keyboard('{ArrowDown}')
    expect(onselect).toHaveBeenLastCalledWith(rows[5])
    await userEvent.keyboard('{End}')
    expect(onselect).toHaveBeenLastCalledWith(rows[99_999])
    await userEvent.keyboard('{Enter}')
    expect(onopen).toHaveBeenCalledWith(rows[4])
  })
  test('moves with the arrow keys after a click on a row', async () => {
    const onselect = vi.fn()
    await renderTable({ selected: 4, onselect })
    await page.getByText('feature 2', { exact: true }).click()
    expect(onselect).toHaveBeenLastCalledWith(rows[2])
    await userEvent.keyboard('{ArrowDown}') // from the one that is selected here still
    expect(onselect).toHaveBeenLastCalledWith(rows[5])
  })
  test('brings what is selected into sight', async () => {
    await renderTable({ selected: 77_000 })
    await expect.element(page.getByText('feature 77000')).toBeVisible()
  })
  test('scrolls to whole rows: none is cut off under the heading', async () => {
    const { container, rerender } = await render(Table, shown({ selected: 1 }) as never)
    container.style.cssText = 'display:flex; height:300px; width:600px'
    await expect.poll(() => container.querySelectorAll('[role=row]').length).toBeLessThan(60)
    await rerender(shown({ selected: 77_000 }) as never)
    await expect.poll(() => container.querySelector('.scroller')!.scrollTop).toBeGreaterThan(0)
    const scroller = container.querySelector<HTMLElement>('.scroller')!
    await expect.poll(() => scroller.scrollTop % 28).toBe(0)
    const row = (): DOMRect => container.querySelector('.selected')!.getBoundingClientRect()
    await expect.poll(() => row().bottom).toBeLessThanOrEqual(scroller.getBoundingClientRect().bottom + 1)
  })
  test('while it scrolls the same elements show other rows; standing still they are in order again', async () => {
    const container = await renderTable()
    const drawn = (): Element[] => [...container.querySelectorAll('.body')]
    await expect.poll(() => drawn().length).toBeLessThan(60)
    const before = new Set(drawn())
    container.querySelector('.scroller')!.scrollTop = 50_000 * 28
    await expect.element(page.getByText('feature 50000', { exact: true })).toBeVisible()
    expect(drawn().filter((row) => !before.has(row))).toEqual([])
    const inOrder = (): boolean =>
      drawn().every((row, i, all) => Number(row.ariaRowIndex) === Number(all[0].ariaRowIndex) + i)
    await expect.poll(inOrder).toBe(true)
  })
  test('the focus of a button in a row that scrolls away goes to the table, never to another row', async () => {
    const rowActions = createRawSnippet((row: () => Row) => ({
      render: () => `<button type="button">open ${row().id}</button>`,
    }))
    const container = await renderTable({ rowActions, selected: 3 })
    const button = page.getByRole('button', { name: 'open 3', exact: true })
    await expect.element(button).toBeInTheDocument()
    button.element().focus()
    container.querySelector('.scroller')!.scrollTop = 2 * 28
    await expect.poll(() => container.querySelector('.scroller')!.scrollTop).toBe(56)
    await expect.element(button).toHaveFocus()
    container.querySelector('.scroller')!.scrollTop = 900 * 28
    await expect.element(page.getByRole('grid')).toHaveFocus()
  })
  test('a row that is clicked gives the focus to the table, so that keys go on from there', async () => {
    const container = await renderTable()
    await expect.element(page.getByText('feature 3', { exact: true })).toBeVisible()
    container.querySelector<HTMLElement>('[aria-rowindex="5"]')!.focus()
    await expect.element(page.getByRole('grid')).toHaveFocus()
  })
  test('begins at the top again after it was empty', async () => {
    const { container, rerender } = await render(Table, shown() as never)
    container.style.cssText = 'display:flex; height:300px; width:600px'
    await expect.poll(() => container.querySelectorAll('.body').length).toBeLessThan(60)
    container.querySelector('.scroller')!.scrollTop = 50_000 * 28
    await expect.element(page.getByText('feature 50000', { exact: true })).toBeVisible()
    await rerender(shown({ rows: [] }) as never)
    await expect.poll(() => container.querySelectorAll('.body').length).toBe(0)
    await rerender(shown() as never)
    await expect.element(page.getByText('feature 3', { exact: true })).toBeVisible()
  })
  test('asks for another order when a heading is clicked', async () => {
    const onsort = vi.fn()
    await renderTable({ onsort })
    await page.getByRole('button', { name: '#' }).click()
    expect(onsort).toHaveBeenCalledWith({ column: 'id', descending: true })
  })
  test('is accessible', async () => {
    const container = await renderTable({
      selected: 2,
      onsort: () => {},
      sort: { column: 'id', descending: true },
    })
    await expect.element(page.getByText('feature 3', { exact: true })).toBeVisible()
    await expectAccessible(container)
  })
})

test('rows drawn follow the scrolling, and each element keeps its row as long as it can', () => {
  expect(rowsAround(0, 280, 100_000)).toEqual({ first: 0, count: 27 })
  expect(rowsAround(2_800_000, 280, 100_000)).toEqual({ first: 99_973, count: 27 })
  expect(rowsAround(5000, 280, 3)).toEqual({ first: 0, count: 3 })
  expect(rowsAround(0, 280, 0).count).toBe(0)
  const rowsOf = (first: number): number[] =>
    Array.from({ length: 27 }, (_, slot) => rowOfSlot(slot, { first, count: 27 }))
  const [before, after] = [rowsOf(100), rowsOf(101)]
  expect(before.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 27 }, (_, i) => 100 + i))
  expect(after.filter((row, slot) => row !== before[slot])).toEqual([127])
  expect(slotsInOrder({ first: 100, count: 27 }).map((slot) => before[slot])).toEqual(
    before.toSorted((a, b) => a - b),
  )
})

test('a heading sorts its own way, the other way, and no more', () => {
  const first = nextSort(columns[0], null)
  const second = nextSort(columns[0], first)
  expect([first, second, nextSort(columns[0], second)]).toEqual([
    { column: 'id', descending: true },
    { column: 'id', descending: false },
    null,
  ])
})

test('keys move within the rows there are', () => {
  expect(movedIndex('ArrowUp', 0, 10, 5)).toBe(0)
  expect(movedIndex('ArrowUp', -1, 10, 5)).toBe(0)
  expect(movedIndex('PageDown', 7, 10, 5)).toBe(9)
  expect(movedIndex('Home', 7, 10, 5)).toBe(0)
  expect(movedIndex('x', 7, 10, 5)).toBeNull()
  expect(movedIndex('End', -1, 0, 5)).toBeNull()
})

test('rows are sorted by numbers or by text as people read it, equals in their order', () => {
  const list = [{ n: 'k 16' }, { n: 'k 9' }, { n: 'k 16' }]
  expect(sorted(list, ({ n }) => n, false)).toEqual([list[1], list[0], list[2]])
  expect(sorted([3, 1, 2], (n) => n, true)).toEqual([3, 2, 1])
})
