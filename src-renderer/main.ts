import { mount } from 'svelte'
import App from './App.svelte'
import { bridge } from './bridge.ts'
import { portToEngine, startEngine } from './rpc.ts'
import { takeTokenFromAddress } from './session-token.ts'
import { connection } from './state/connection.svelte.ts'
import { demo } from './state/demo.svelte.ts'
import { jobs } from './state/jobs.svelte.ts'
import { things } from './state/things.svelte.ts'

takeTokenFromAddress()
// Another workspace: nothing that was on screen is in it.
bridge()?.onWorkspaceOpened(() => {
  location.hash = ''
  location.reload()
})
connection.start()
startEngine(portToEngine)
jobs.start()
things.start()
demo.start()
mount(App, { target: document.getElementById('app')! })
