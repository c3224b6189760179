import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hubToken, useHubToken } from '../../../src-main/store/hub-token.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'suture-token-'))
  vi.stubEnv('HF_HOME', home)
  vi.stubEnv('HF_TOKEN_PATH', '')
  vi.stubEnv('HF_TOKEN', '')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

test('without anything, requests go without a token', () => {
  expect(hubToken()).toBeNull()
})

test('the file of Hugging Face’s own tools counts, HF_TOKEN before it', () => {
  writeFileSync(join(home, 'token'), 'hf_file\n')
  expect(hubToken()).toBe('hf_file')
  vi.stubEnv('HF_TOKEN', 'hf_environment')
  expect(hubToken()).toBe('hf_environment')
})

test('a token given later is used, and taken away again', () => {
  useHubToken('hf_given')
  expect(hubToken()).toBe('hf_given')
  useHubToken(null)
  expect(hubToken()).toBeNull()
})
