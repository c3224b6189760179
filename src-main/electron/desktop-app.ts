import { join } from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'
import { problemOf, sentence, type Problem } from '#contract/problem.ts'
import { defaultWorkspace } from '../workspace-folder.ts'
import { askedFor, type AskedFor } from './asked-for.ts'
import { answerBridge } from './bridge.ts'
import { HubToken } from './hub-token.ts'
import { setAbout, setMenu } from './menu.ts'
import { OpenWorkspace } from './open-workspace.ts'
import { RecentWorkspaces } from './recent-workspaces.ts'
import { answerScheme } from './scheme.ts'
import { denyPermissions } from './security.ts'
import { openWindow } from './window.ts'
import { WorkspaceChoice } from './workspace-choice.ts'

/** The life of the app: from the first workspace to a quit that loses nothing. */
export class DesktopApp {
  #window: BrowserWindow | null = null
  /** A file the system asked us to open before we were ready (macOS). */
  #early: AskedFor = null
  readonly #hubToken = new HubToken((token) => this.#workspace.useToken(token))
  readonly #workspace = new OpenWorkspace(() => this.#hubToken.value, {
    engineRestarted: () => this.#window?.webContents.send('suture:engine-restarted'),
    opened: (folder, inPlaceOfAnother) => this.#opened(folder, inPlaceOfAnother),
    engineGaveUp: (why) => void this.#engineGaveUp(why),
  })
  readonly #recent = new RecentWorkspaces(join(app.getPath('userData'), 'recent-workspaces.json'))
  readonly #choice = new WorkspaceChoice(this.#workspace, this.#recent)

  async run(): Promise<void> {
    this.#listen()
    answerBridge({
      workspace: this.#workspace,
      choice: this.#choice,
      recent: this.#recent,
      hubToken: this.#hubToken,
    })
    await app.whenReady()
    answerScheme()
    denyPermissions()
    setAbout()
    this.#setMenu()
    this.#openWindow()
    await this.#hubToken.load()
    await this.#first(this.#early ?? askedFor(process.argv, process.cwd()))
  }

  #listen(): void {
    app.on('second-instance', (_event, argv, cwd) => {
      this.#show()
      void this.#goTo(askedFor(argv, cwd))
    })
    app.on('open-file', (event, file) => {
      event.preventDefault()
      if (this.#workspace.folder === null) this.#early = { file }
      else void this.#goTo({ file })
    })
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) this.#openWindow()
    })
    app.on('window-all-closed', () => app.quit())
    let closed = false
    app.on('before-quit', (event) => {
      if (closed) return
      event.preventDefault()
      void this.#workspace.close().then(() => {
        closed = true
        app.quit()
      })
    })
  }

  #openWindow(): void {
    this.#window = openWindow()
    this.#window.on('closed', () => (this.#window = null))
  }

  #show(): void {
    if (this.#window?.isMinimized()) this.#window.restore()
    this.#window?.focus()
  }

  #setMenu(): void {
    setMenu({
      window: () => this.#window,
      workspace: this.#workspace,
      choice: this.#choice,
      recent: this.#recent,
      refused: (why) => void this.#refused(why),
    })
  }

  #opened(folder: string, inPlaceOfAnother: boolean): void {
    this.#recent.add(folder)
    app.addRecentDocument(folder)
    this.#setMenu()
    if (inPlaceOfAnother) this.#window?.webContents.send('suture:workspace-opened')
  }

  async #goTo(asked: AskedFor): Promise<void> {
    if (asked === null) return
    const why = await this.#open(asked)
    if (why) await this.#refused(why)
  }

  /** A file must stand for a workspace; a folder that was named becomes one. */
  async #open(asked: NonNullable<AskedFor>): Promise<Problem | null> {
    if ('file' in asked) return this.#choice.byPath(asked.file)
    try {
      await this.#choice.openFolder(asked.folder)
      return null
    } catch (error) {
      return problemOf(error)
    }
  }

  /** Opens what was asked for, else the last workspace, else the usual one; asks again as long as that fails. */
  async #first(asked: AskedFor): Promise<void> {
    const last = process.env['SUTURE_WORKSPACE'] ? undefined : this.#recent.list().at(0)?.folder
    let why = await this.#open(asked ?? { folder: last ?? defaultWorkspace() })
    while (why !== null) {
      const { response } = await this.#ask({
        message: 'The workspace could not be opened.',
        detail: sentence(why),
        buttons: ['Choose another…', 'New workspace…', 'Quit'],
      })
      if (response === 2) return app.quit()
      why = await (response === 0
        ? this.#choice.byDialog(this.#window)
        : this.#choice.newByDialog(this.#window))
      // Nothing was chosen: ask again.
      if (why === null && this.#workspace.folder === null)
        why = { code: 'not-found', subject: 'workspace', message: 'none has been chosen' }
    }
  }

  async #refused(why: Problem): Promise<void> {
    await this.#ask({ message: 'The workspace was not opened.', detail: sentence(why), buttons: ['OK'] })
  }

  /** One clear question instead of an endless loop: a job may be what ends the engine each time. */
  async #engineGaveUp(why: Problem): Promise<void> {
    const { response } = await this.#ask({
      message: 'The engine does not stay up.',
      detail: `${sentence(why)} It may be a job that ends it: unfinished jobs can be left alone until you resume them.`,
      buttons: ['Start it, leave jobs alone', 'Start it again', 'Quit'],
    })
    if (response === 2) return app.quit()
    try {
      await this.#workspace.startAgain({ leaveJobs: response === 0 })
    } catch (error) {
      await this.#engineGaveUp(problemOf(error))
    }
  }

  #ask(question: { message: string; detail: string; buttons: string[] }): Promise<{ response: number }> {
    const options = { type: 'error' as const, cancelId: question.buttons.length - 1, ...question }
    return this.#window ? dialog.showMessageBox(this.#window, options) : dialog.showMessageBox(options)
  }
}
