import type { BackendFinding, BackendFindings } from '#contract/settings.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import { BACKEND_NAMES, type BackendName } from '../sae/backend.ts'
import { chooseBackend, thisMachine, type Machine } from './choose.ts'

async function find(machine: Machine, name: BackendName): Promise<BackendFinding> {
  try {
    await machine.open[name]()
    return { name, available: true, why: null }
  } catch (error) {
    return { name, available: false, why: sentence(problemOf(error)) }
  }
}

/** Opens every backend on this machine, and says of each that is not chosen by itself why. */
export async function lookAtBackends(machine: Machine = thisMachine): Promise<BackendFindings> {
  const { backend, reasons } = await chooseBackend(machine)
  const backends: BackendFinding[] = []
  for (const name of BACKEND_NAMES) {
    const found = await find(machine, name)
    const slower = reasons.find((reason) => reason.startsWith(`${name} backend`)) ?? null
    backends.push(found.available ? { ...found, why: name === backend.name ? null : slower } : found)
  }
  return { chosen: backend.name, backends }
}
