import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { route } from '../../../src-renderer/state/route.svelte.ts'

let end = (): void => {}
beforeAll(() => {
  history.replaceState(null, '', '#/home')
  end = route.start()
})
afterAll(() => end())

test('going somewhere is a step that can be taken back and again', async () => {
  expect(route.canGoBack).toBe(false)
  route.go('/train', { activations: 'a-1' })
  route.go('/sae/s-1/features')
  expect(location.hash).toBe('#/sae/s-1/features')
  route.back()
  await vi.waitFor(() => expect(route.path).toBe('/train'))
  expect(route.query).toEqual({ activations: 'a-1' })
  expect([route.canGoBack, route.canGoForward]).toEqual([true, true])
  route.forward()
  await vi.waitFor(() => expect(route.path).toBe('/sae/s-1/features'))
  expect(route.canGoForward).toBe(false)
})

test('refining a place is not a step', async () => {
  route.go('/compare/p-1')
  const before = history.length
  route.refine({ threshold: '0.7' })
  route.refine({ threshold: '0.8' })
  expect(history.length).toBe(before)
  expect(route.query).toEqual({ threshold: '0.8' })
  route.back()
  await vi.waitFor(() => expect(route.path).toBe('/sae/s-1/features'))
})

test('a link that is clicked is a step, and what was ahead is gone', async () => {
  const link = document.createElement('a')
  link.href = '#/home/s-2'
  document.body.append(link)
  link.click()
  await vi.waitFor(() => expect(route.path).toBe('/home/s-2'))
  expect([route.canGoBack, route.canGoForward]).toEqual([true, false])
  link.remove()
})

test('going where one is does nothing', () => {
  const before = history.length
  route.go('/home/s-2')
  expect(history.length).toBe(before)
})

test('an answer on its way leads on only from where it was asked for', () => {
  route.go('/train')
  const go = route.fromHere()
  route.go('/features')
  go('/train/r-1')
  expect(route.path).toBe('/features')
  route.fromHere()('/home')
  expect(route.path).toBe('/home')
})
