import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fitted, readWindowState, writeWindowState } from '../../../src-main/electron/window-state.ts'

const folder = mkdtempSync(join(tmpdir(), 'suture-window-'))
afterAll(() => rmSync(folder, { recursive: true }))
const left = { x: 0, y: 25, width: 1600, height: 875 }
const right = { x: 1600, y: 0, width: 2560, height: 1440 }
const state = { x: 1700, y: 100, width: 1440, height: 900, maximised: false }

test('what was written is read; a broken or impossible file counts as none', () => {
  const file = join(folder, 'window.json')
  const usual = readWindowState(file)
  writeWindowState(file, { ...state, maximised: true })
  expect(readWindowState(file)).toEqual({ ...state, maximised: true })
  for (const text of ['{', '{"width": 3, "height": 2}', '[]', '{"width": 1e300, "height": 900}']) {
    writeFileSync(file, text)
    expect(readWindowState(file)).toEqual(usual)
  }
})

test('a window stays on the display it was on', () => {
  expect(fitted(state, [left, right])).toEqual(state)
})

test('where that display is gone, it is centred on the primary one, no larger than that', () => {
  expect(fitted({ ...state, maximised: true }, [left])).toEqual({ width: 1440, height: 875, maximised: true })
})

test('a title bar above or beside every display could not be taken hold of', () => {
  expect(fitted({ ...state, y: -400 }, [left, right])).not.toHaveProperty('x')
  expect(fitted({ ...state, x: 4100 }, [left, right])).not.toHaveProperty('x')
})
