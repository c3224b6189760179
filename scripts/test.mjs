// npm test: installs, builds, type-checks, lints and runs every test; ends with one line "N passed, N failed".
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { chromium } from './chromium.mjs'
import { at, install, node, root, run } from './setup.mjs'

install()
const results = at('test-results')
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const browser = chromium()
if (!browser)
  console.log('No Chromium was found: the tests that need a browser will fail. Set CHROMIUM to its path.')
const env = {
  ...process.env,
  ...(browser ? { CHROMIUM: browser } : {}),
  PATH: `${at('node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
}

const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const count = (name, passed, failed, skipped) => {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  if (failed) failures.push(`${name}: ${failed} failed`)
}
const started = Date.now()
const stage = (name, body) => {
  const began = Date.now()
  console.log(`\n── ${name}`)
  body()
  console.log(`── ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

/** Runs commands one after the other until one fails; what they print is kept until the end. */
async function chain(commands) {
  let output = ''
  for (const [file, ...args] of commands) {
    const child = spawn(node, [at(file), ...args], { cwd: root, env })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const code = await new Promise((resolve) => child.once('close', resolve))
    if (code !== 0) return { ok: false, output }
  }
  return { ok: true, output }
}

/** Checks that each pass or fail, side by side: each keeps one core busy. */
async function checks(byName) {
  await Promise.all(
    Object.entries(byName).map(async ([name, commands]) => {
      const began = Date.now()
      const { ok, output } = await chain(commands)
      console.log(`\n── ${name}\n${output}── ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
      count(name, ok ? 1 : 0, ok ? 0 : 1, 0)
    }),
  )
}

function vitest(project) {
  stage(`tests: ${project}`, () => {
    const report = at('test-results', `${project}.json`)
    const args = [
      'run',
      '--project',
      project,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]
    const code = run(node, [at('node_modules/vitest/vitest.mjs'), ...args], { env })
    try {
      const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
        readFileSync(report, 'utf8'),
      )
      // A file that does not load has no tests to fail.
      const broken = testResults.filter(
        (file) => file.status === 'failed' && file.assertionResults.length === 0,
      ).length
      const failed = numFailedTests + broken
      count(project, numPassedTests, failed || (code === 0 ? 0 : 1), numPendingTests)
      for (const file of testResults)
        for (const test of file.assertionResults)
          if (test.status === 'pending' || test.status === 'skipped') console.log(`skipped: ${test.fullName}`)
          else if (test.status === 'passed' && test.failureMessages.length > 0)
            console.log(`passed only when tried again: ${test.fullName}: ${test.failureMessages[0]}`)
    } catch {
      count(project, 0, 1, 0)
    }
  })
}

function playwright() {
  stage('tests: end to end', () => {
    const report = at('test-results/e2e.json')
    const cli = at('node_modules/@playwright/test/cli.js')
    const code = run(node, [cli, 'test', '-c', 'test/e2e'], {
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    })
    try {
      const { stats } = JSON.parse(readFileSync(report, 'utf8'))
      count(
        'end to end',
        stats.expected + stats.flaky,
        stats.unexpected || (code === 0 ? 0 : 1),
        stats.skipped,
      )
    } catch {
      count('end to end', 0, 1, 0)
    }
  })
}

const tsc = 'node_modules/typescript/bin/tsc'
await checks({ build: [['scripts/build.mjs']] })
await checks({
  types: [
    ...[
      'src-preload/contract',
      'src-preload/figures',
      'src-main/math',
      'src-preload',
      'src-main',
      'test',
    ].map((project) => [tsc, '-p', project]),
    [
      'node_modules/svelte-check/bin/svelte-check',
      '--tsconfig',
      'src-renderer/tsconfig.json',
      '--fail-on-warnings',
    ],
  ],
  lint: [
    ['node_modules/eslint/bin/eslint.js', '.'],
    ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ],
})
vitest('node')
vitest('renderer')
playwright()

console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s in ${root.split(/[/\\]/).pop()}`)
for (const line of failures) console.log(line)
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`,
)
process.exit(total.failed ? 1 : 0)
