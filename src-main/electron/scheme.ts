import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { rendererFolder } from '../places.ts'
import { CONTENT_SECURITY_POLICY, fileFor, mimeOf } from '../serve/static-files.ts'

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** app://suture/… is the built renderer and nothing else. */
export function answerScheme(): void {
  protocol.handle('app', async (request) => {
    const { host, pathname } = new URL(request.url)
    const file = host === 'suture' ? fileFor(rendererFolder, pathname) : null
    if (!file) return new Response('not found', { status: 404 })
    return new Response(new Uint8Array(await readFile(file)), {
      headers: {
        'content-type': mimeOf(file),
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
      },
    })
  })
}
