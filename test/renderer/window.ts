// The whole window on a fake engine, for tests that look at screens.
import { page } from 'vitest/browser'
import { cleanup, render } from 'vitest-browser-svelte'
import '../../src-renderer/theme.css'
import '../../src-renderer/controls.css'
import '../../src-renderer/floating.css'
import App from '../../src-renderer/App.svelte'
import { connection } from '../../src-renderer/state/connection.svelte.ts'
import { demo } from '../../src-renderer/state/demo.svelte.ts'
import { inspector } from '../../src-renderer/state/inspector.svelte.ts'
import { jobs } from '../../src-renderer/state/jobs.svelte.ts'
import { things } from '../../src-renderer/state/things.svelte.ts'
import { startFakeEngine, type Answers } from './fake-engine.ts'
import { fakeWorkspace, type FakeWorkspace } from './fake-workspace.ts'

let started = false

interface Options {
  have?: FakeWorkspace
  answers?: Answers
  width?: number
  height?: number
}

/** Opens the window at an address, e.g. "/home"; returns what the engine has. */
export async function openWindow(at: string, options: Options = {}): Promise<FakeWorkspace> {
  const { have = fakeWorkspace(), answers = {}, width = 1440, height = 900 } = options
  await cleanup()
  await page.viewport(width, height)
  inspector.close()
  history.replaceState(null, '', `#${at}`)
  if (!started) {
    started = true
    connection.start()
    jobs.start()
    things.start()
    demo.start()
  }
  things.known = false
  startFakeEngine(have, answers)
  const { container } = await render(App)
  container.style.height = '100vh'
  return have
}
