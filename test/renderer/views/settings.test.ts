import { afterEach, describe, expect, test, vi } from 'vitest'
import { page } from 'vitest/browser'
import { problem } from '#contract/problem.ts'
import type { Bridge } from '../../../src-renderer/bridge.ts'
import { openWindow } from '../window.ts'

afterEach(() => {
  delete window.suture
})

/** The desktop app's side of the window, as far as Settings ask it. */
function desktop(some: Partial<Bridge> = {}): void {
  window.suture = {
    kind: 'electron',
    recentWorkspaces: async () => [
      { folder: '/home/ada/suture/stories', name: 'stories' },
      { folder: '/home/ada/suture/gpt2', name: 'gpt2' },
    ],
    hubToken: {
      has: async () => ({ kept: 'none', note: null }),
      set: async () => ({ kept: 'keychain', note: null }),
      clear: async () => ({ kept: 'none', note: null }),
    },
    onMenu: () => () => {},
    onEngineRestart: () => () => {},
    reveal: async () => {},
    openWorkspace: async () => null,
    ...some,
  } as Bridge
}

describe('settings', () => {
  test('say what the machine has, and why not the rest', async () => {
    await openWindow('/settings')
    const computing = page.getByRole('region', { name: 'Computing' })
    await expect.element(computing.getByText('Analytical Engine, 8 cores, 16.0 GB of memory')).toBeVisible()
    await expect.element(computing.getByText('The fastest there is: here the CPU.')).toBeVisible()
    await expect.element(computing.getByText('Not available. No supported adapters.')).toBeVisible()
    await expect.element(page.getByRole('radio', { name: 'GPU, through WebGPU' })).toBeDisabled()
  })

  test('backend and threads are kept by the engine at once', async () => {
    const set = vi.fn((change: object) => ({ backend: null, threads: null, ...change }))
    await openWindow('/settings', { answers: { settings: { set } } })
    await page.getByRole('radio', { name: 'CPU' }).click()
    await expect.poll(() => set.mock.lastCall?.[0]).toEqual({ backend: 'cpu' })
    await page.getByLabelText('Threads').selectOptions('3')
    await expect.poll(() => set.mock.lastCall?.[0]).toEqual({ threads: 3 })
    await page.getByLabelText('Threads').selectOptions('all 8')
    await expect.poll(() => set.mock.lastCall?.[0]).toEqual({ threads: null })
  })

  test('backends are not tried while a job runs; they can be looked at again', async () => {
    let busy = true
    const backends = vi.fn(() => {
      if (busy) throw problem('conflict', 'Backends', '"Train" is running, and trying them would disturb it')
      return { chosen: 'webgpu', backends: [{ name: 'webgpu', available: true, why: null }] }
    })
    await openWindow('/settings', { answers: { settings: { backends } } })
    await expect.element(page.getByText(/"Train" is running/)).toBeVisible()
    busy = false
    await page.getByRole('button', { name: 'Look again' }).click()
    await expect.element(page.getByText('The fastest there is: here the GPU, through WebGPU.')).toBeVisible()
  })

  test('in a browser tab they say how another workspace is opened and where a token comes from', async () => {
    await openWindow('/settings')
    await expect.element(page.getByText('suture serve --workspace FOLDER')).toBeVisible()
    const hub = page.getByRole('region', { name: 'Hugging Face hub' })
    await expect.element(hub.getByText('520 MB')).toBeVisible()
    await expect.element(hub.getByText('start Suture with HF_TOKEN set', { exact: false })).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Show in files' })).not.toBeInTheDocument()
  })

  test('in the desktop app a token is given, never shown, and removed', async () => {
    const set = vi.fn(async (_token: string) => ({ kept: 'keychain' as const, note: null }))
    const clear = vi.fn(async () => ({ kept: 'none' as const, note: null }))
    const has = async () => ({ kept: 'none' as const, note: null })
    desktop({ hubToken: { has, set, clear } })
    await openWindow('/settings')
    const hub = page.getByRole('region', { name: 'Hugging Face hub' })
    await expect.element(hub.getByText('not set', { exact: true })).toBeVisible()
    await page.getByLabelText('Another token').fill('hf_secret')
    await page.getByRole('button', { name: 'Keep it' }).click()
    await expect.element(hub.getByText('set, in the system’s keychain')).toBeVisible()
    expect(set).toHaveBeenCalledWith('hf_secret')
    await expect.element(page.getByLabelText('Another token')).toHaveValue('')
    await page.getByRole('button', { name: 'Remove it' }).click()
    await expect.element(hub.getByText('not set', { exact: true })).toBeVisible()
  })

  test('in the desktop app another workspace is opened, and a refusal is said', async () => {
    const refusal = { code: 'bad-file' as const, subject: '/gone', message: 'no workspace can be made here' }
    const openRecentWorkspace = vi.fn(async (_folder: string) => refusal)
    desktop({ openRecentWorkspace })
    await openWindow('/settings')
    await expect.element(page.getByRole('button', { name: 'Open another workspace…' })).toBeVisible()
    await page.getByRole('button', { name: 'gpt2' }).click()
    await expect.element(page.getByText('no workspace can be made here')).toBeVisible()
    expect(openRecentWorkspace).toHaveBeenCalledWith('/home/ada/suture/gpt2')
  })
})
