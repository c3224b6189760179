import { problemOf, sentence } from '#contract/problem.ts'
import type { ChooseProvider, ProviderChoice } from '../language-model/provider.ts'
import { thisMachine, whyTooSlow, type Machine } from './choose.ts'

/**
 * Where a language model runs on this machine. "auto" takes the GPU only where it is as much faster than the cpu as
 * training asks for, so never one in software; "webgpu" takes any adapter. Without one it is the cpu, and the reason.
 */
export const chooseProviderOn =
  (machine: Machine): ChooseProvider =>
  async (device): Promise<ProviderChoice> => {
    if (device === 'cpu') return { provider: 'cpu', reason: null }
    try {
      await machine.open.webgpu()
      const reason = device === 'auto' ? await whyTooSlow(machine) : null
      return { provider: reason === null ? 'webgpu' : 'cpu', reason }
    } catch (error) {
      const { next: _, ...why } = problemOf(error)
      return { provider: 'cpu', reason: sentence(why) }
    }
  }

export const chooseProvider = chooseProviderOn(thisMachine)
