import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { readWorkspaceFile, writeWorkspaceFile } from '../../../src-main/store/workspace-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'suture-files-'))
const workspace = join(folder, 'letters')
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => {
  rmSync(workspace, { recursive: true, force: true })
  mkdirSync(workspace)
  writeFileSync(join(workspace, 'workspace.db'), '')
})

test('a workspace gets one file, named like its folder, that leads back to it', () => {
  const file = writeWorkspaceFile(workspace)
  expect(file).toBe(join(workspace, 'letters.suture'))
  expect(readWorkspaceFile(file)).toBe(workspace)
  expect(writeWorkspaceFile(workspace)).toBe(file)
  expect(readdirSync(workspace)).toHaveLength(2)
})

test('the file stays true when the folder is copied elsewhere', () => {
  writeWorkspaceFile(workspace)
  const copy = join(folder, 'copy')
  cpSync(workspace, copy, { recursive: true })
  expect(readWorkspaceFile(join(copy, 'letters.suture'))).toBe(copy)
})

test('a file may lie beside the folder', () => {
  const file = join(folder, 'beside.suture')
  writeFileSync(file, JSON.stringify({ suture: 'workspace', version: 1, workspace: 'letters' }))
  expect(readWorkspaceFile(file)).toBe(workspace)
})

test.each([
  ['text', 'hello', /not a workspace file/],
  ['other JSON', '{"version": 1}', /not a workspace file/],
  ['an absolute path', '{"suture": "workspace", "version": 1, "workspace": "/etc"}', /relative path/],
  [
    'a network share',
    '{"suture": "workspace", "version": 1, "workspace": "\\\\\\\\server\\\\share"}',
    /relative path/,
  ],
  ['a drive', '{"suture": "workspace", "version": 1, "workspace": "c:w"}', /relative path/],
  ['a later version', '{"suture": "workspace", "version": 2, "workspace": "."}', /later version/],
  ['a folder without workspace', '{"suture": "workspace", "version": 1, "workspace": ".."}', /no workspace/],
  ['a large file', `"${'x'.repeat(70_000)}"`, /not a workspace file/],
])('%s is refused with a sentence', (_what, text, words) => {
  const file = join(workspace, 'x.suture')
  writeFileSync(file, text)
  expect(() => readWorkspaceFile(file)).toThrow(words)
})

test('a file that is gone is said to be gone', () => {
  expect(() => readWorkspaceFile(join(folder, 'gone.suture'))).toThrow(/no such file/)
})
