// The desktop app: one window over one engine process. Nothing is computed here.
import { app } from 'electron'
import { DesktopApp } from './electron/desktop-app.ts'
import { declareScheme } from './electron/scheme.ts'
import { guardPages } from './electron/security.ts'

declareScheme()
guardPages()
if (process.platform === 'win32') app.setAppUserModelId('org.suture.app')
// An installed app opens with something to explore, as `npm start` does.
if (app.isPackaged) process.env['SUTURE_FIRST_START'] ??= 'demo'

if (!app.requestSingleInstanceLock()) app.quit()
else void new DesktopApp().run()
