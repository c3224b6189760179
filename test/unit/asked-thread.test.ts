import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AskedThread } from '../../src-main/store/asked-thread.ts'

test('a thread that dies fails what waits for it, and all that is asked later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'suture-thread-'))
  const file = join(folder, 'worker.mjs')
  writeFileSync(
    file,
    "import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => { throw new Error('dead') })",
  )
  const thread = new AskedThread<string>(file)
  try {
    await expect(thread.ask('something')).rejects.toThrow('dead')
    await expect(thread.ask('something more')).rejects.toThrow('dead')
  } finally {
    await thread.end()
    rmSync(folder, { recursive: true })
  }
})
