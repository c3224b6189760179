import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import NumberField from '../../../src-renderer/components/NumberField.svelte'
import { readNumber, readNumbers } from '../../../src-renderer/components/number-text.ts'
import PathPicker from '../../../src-renderer/components/PathPicker.svelte'
import { asFolder, joinPath, splitPath } from '../../../src-renderer/components/path-text.ts'
import { startFakeEngine } from '../fake-engine.ts'

const ANY = { min: -Infinity, max: Infinity, whole: false }

describe('numbers as people type them', () => {
  test('with groups, scales and powers', () => {
    const read = (text: string): number | null => readNumber(text, ANY).value
    expect([read('100,000'), read('100k'), read('1.5M'), read('3e-4'), read(' .5 ')]).toEqual([
      1e5, 1e5, 1.5e6, 3e-4, 0.5,
    ])
  })
  test('or what is wrong with them', () => {
    expect(readNumber('many', ANY).error).toBe('“many” is not a number')
    expect(readNumber('1.5', { ...ANY, whole: true }).error).toBe('A whole number is expected')
    expect(readNumber('1', { ...ANY, min: 2 }).error).toBe('At least 2')
  })
  test('several at once', () => {
    expect(readNumbers('512 1k, 2048', ANY).values).toEqual([512, 1000, 2048])
    expect(readNumbers('512 x', ANY).error).toBe('“x” is not a number')
    expect(readNumbers('', ANY)).toEqual({ values: [] })
  })
})

describe('a number field', () => {
  test('takes what is typed, says what is wrong, and writes it out when it is left', async () => {
    await render(NumberField, { label: 'Tokens', value: 1000, min: 1, whole: true })
    const input = page.getByLabelText('Tokens')
    await expect.element(input).toHaveValue('1,000')
    await input.fill('2.5k')
    await expect.element(input).toHaveValue('2.5k')
    await userEvent.tab()
    await expect.element(input).toHaveValue('2,500')
    await input.fill('-3')
    await expect.element(page.getByText('At least 1')).toBeVisible()
    await expect.element(input).toHaveAttribute('aria-invalid', 'true')
  })
  test('moves with the arrow keys', async () => {
    await render(NumberField, { label: 'Seed', value: 5, whole: true })
    const input = page.getByLabelText('Seed')
    await input.click()
    await userEvent.keyboard('{ArrowUp}{ArrowUp}{ArrowDown}')
    await expect.element(input).toHaveValue('6')
  })
})

describe('paths', () => {
  test('are split where they are typed, with either separator', () => {
    expect(splitPath('/home/ada/mo')).toEqual({ folder: '/home/ada', start: 'mo' })
    expect(splitPath('/mo')).toEqual({ folder: '/', start: 'mo' })
    expect(splitPath('C:\\models\\g')).toEqual({ folder: 'C:\\models', start: 'g' })
    expect(joinPath('/home', 'ada')).toBe('/home/ada')
    expect(joinPath('C:\\models', 'gpt2')).toBe('C:\\models\\gpt2')
    expect(asFolder('/home/ada')).toBe('/home/ada/')
  })
  test('are completed from what is there, by keyboard alone', async () => {
    startFakeEngine()
    await render(PathPicker, { label: 'Folder', mode: 'folder', paths: [] })
    const input = page.getByRole('combobox')
    await input.fill('/home/ada/')
    await expect.element(page.getByRole('option', { name: 'models' })).toBeVisible()
    await input.fill('/home/ada/mo')
    await expect.element(page.getByRole('option', { name: 'saes' })).not.toBeInTheDocument()
    await userEvent.keyboard('{Tab}')
    await expect.element(input).toHaveValue('/home/ada/models/')
    await expect.element(page.getByRole('option', { name: 'stories260K' })).toBeVisible()
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}')
    await expect.element(input).toHaveValue('/home/ada/models/stories260K/')
  })
  test('of files are chosen one or several, and only those that fit', async () => {
    startFakeEngine()
    await render(PathPicker, { label: 'Files', mode: 'files', extensions: ['txt', 'parquet'], paths: [] })
    await page.getByRole('combobox').fill('/home/ada/text/')
    await page.getByRole('option', { name: /tinystories/ }).click()
    await page.getByRole('option', { name: /wiki/ }).click()
    await expect.element(page.getByRole('listitem').nth(1)).toHaveTextContent('/home/ada/text/wiki.parquet')
    await expect.element(page.getByRole('option', { name: /notes/ })).not.toBeInTheDocument()
  })
})
