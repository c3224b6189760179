import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  testMatch: '*.test.ts',
  workers: 1,
  retries: 1,
  timeout: 120_000,
  use: { actionTimeout: 15_000, screenshot: 'only-on-failure' },
  expect: { timeout: 20_000 },
  outputDir: '../../test-results/e2e',
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] ? [['list'], ['json']] : [['list']],
})
