import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { JobControl } from '#contract/job.ts'
import type { Sae } from '#contract/sae.ts'
import { openEncoder } from '../../../src-main/backends/cpu/encoder.ts'
import { topExamples } from '../../../src-main/features/examples.ts'
import { discardIndexJob, indexJob } from '../../../src-main/features/index-job.ts'
import { journalOf } from '../../../src-main/features/index-journal.ts'
import { openIndex } from '../../../src-main/features/index-reader.ts'
import { longerIndex, newIndex } from '../../../src-main/features/start-index.ts'
import { Stopped } from '../../../src-main/jobs/control.ts'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import { saveSae } from '../../../src-main/sae/load.ts'
import type { SparseCodes } from '../../../src-main/sae/weights.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import { hasShared, shared, testWithShared } from '../../shared.ts'
import { putActivations, saeRow, temporaryFolder } from './fakes.ts'

const CONTEXT = 256
const TOKENS = 10_240

let workspace: Workspace
let remove: () => void
let sae: Sae
let activations: Float32Array
let activationSetId: FeatureIndex['activationSetId']
let codes: SparseCodes

const reference = (): ReturnType<typeof openSafetensors> =>
  openSafetensors(join(shared, 'reference/saes-stories260K.safetensors'))

beforeAll(async () => {
  if (!hasShared) return
  let folder: string
  ;({ folder, remove } = temporaryFolder())
  workspace = openWorkspace(folder)
  const { weights } = readSaelensFolder(join(shared, 'saes/stories260K/relu-128'))
  sae = saveSae(workspace, saeRow(workspace, weights), weights)
  activations = reference().readF32('activations_f32')
  const ids = [...reference().readI32('ids')]
  activationSetId = putActivations(workspace, {
    ids,
    contextSize: CONTEXT,
    x: activations,
    dIn: weights.dIn,
  }).id
  const encoder = await openEncoder(weights)
  codes = await encoder.encode(activations, TOKENS)
  await encoder.close()
})
afterAll(() => {
  if (!hasShared) return
  workspace.close()
  remove()
})

/** A control that asks to stop after so many batches. */
function stopAfter(batches: number): JobControl {
  let reports = 0
  return {
    report: () => void reports++,
    get stopAsked() {
      return reports >= batches
    },
    checkpoint: () => {
      if (reports >= batches) throw new Stopped('pause')
    },
  }
}

async function indexed(
  settings: Partial<FeatureIndex['settings']>,
  batches = Infinity,
): Promise<FeatureIndex> {
  const request = {
    saeId: sae.id,
    activationSetId,
    settings: { skipPosition0: true, maxNormMultiple: null, ...settings },
  }
  const { index, job } = newIndex(workspace, request)
  for (let stopped = true; stopped;)
    try {
      await indexJob(job.params, workspace, stopAfter(batches))
      stopped = false
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
      expect(workspace.indexes.get(index.id).complete).toBe(false)
    }
  return workspace.indexes.get(index.id)
}

/** Every firing of a feature by looking at the codes of all tokens. */
function firings(feature: number, counts: (token: number) => boolean): { token: number; value: number }[] {
  const found: { token: number; value: number }[] = []
  for (let token = 0; token < TOKENS; token++)
    for (let i = codes.start[token]; i < codes.start[token + 1]; i++)
      if (codes.feature[i] === feature && counts(token)) found.push({ token, value: codes.value[i] })
  return found
}

describe('an index of relu-128 on the reference activations', () => {
  testWithShared('has the firing counts, maxima and means of the reference', async () => {
    const index = await indexed({ skipPosition0: false })
    expect(index).toMatchObject({
      complete: true,
      tokens: TOKENS,
      countedTokens: TOKENS,
      nonZeros: codes.value.length,
    })
    const reader = openIndex(workspace, index.id)
    const { count, max, sum } = reader.statistics
    expect([...count]).toEqual([...reference().readI32('relu-128/fire_count')])
    const maxima = reference().readF32('relu-128/max_act')
    const means = reference().readF32('relu-128/mean_act')
    for (let j = 0; j < 128; j++) {
      expect(Math.abs(max[j] - maxima[j])).toBeLessThan(1e-4 * maxima[j])
      expect(Math.abs(sum[j] / TOKENS - means[j])).toBeLessThan(1e-4 * means[j])
    }
    reader.close()
  })

  testWithShared(
    'ranks the examples of every feature as a look at all tokens does, position 0 left out',
    async () => {
      const index = await indexed({})
      expect(index.countedTokens).toBe(TOKENS - TOKENS / CONTEXT)
      const reader = openIndex(workspace, index.id)
      for (let j = 0; j < 128; j++) {
        const ranked = firings(j, (t) => t % CONTEXT !== 0).sort(
          (a, b) => b.value - a.value || a.token - b.token,
        )
        expect(topExamples(reader.postings(j), 20)).toEqual(ranked.slice(0, 20))
        expect(reader.postings(j).token.length).toBe(ranked.length)
      }
      reader.close()
    },
  )

  testWithShared('goes on, after a kill, with the batch that was not saved', async () => {
    const whole = await indexed({})
    const settings = { skipPosition0: true, maxNormMultiple: null }
    const { index, job } = newIndex(workspace, { saeId: sae.id, activationSetId, settings })
    let clock = 0
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock)
    const dies: JobControl = {
      ...stopAfter(Infinity),
      report: (_stage, done) => {
        clock += 6000 // a batch takes longer than what may be lost
        if (done === TOKENS) throw new Error('killed')
      },
    }
    await expect(indexJob(job.params, workspace, dies)).rejects.toThrow('killed')
    now.mockRestore()
    expect(existsSync(journalOf(workspace.codesFile(index.id)))).toBe(true)
    const done: number[] = []
    await indexJob(job.params, workspace, {
      ...stopAfter(Infinity),
      report: (_stage, tokens) => void done.push(tokens),
    })
    expect(done).toEqual([TOKENS])
    expect(existsSync(journalOf(workspace.codesFile(index.id)))).toBe(false)
    const [one, other] = [whole.id, index.id].map((id) => openIndex(workspace, id))
    expect(one.statistics).toEqual(other.statistics)
    for (let j = 0; j < sae.dSae; j++) expect(one.postings(j)).toEqual(other.postings(j))
    one.close()
    other.close()
  })

  testWithShared('takes about 5 bytes a code in its file', async () => {
    const { bytes, nonZeros } = await indexed({})
    expect(bytes / nonZeros).toBeLessThan(5.5)
  })

  testWithShared('is the same after being stopped after every batch', async () => {
    const whole = openIndex(workspace, (await indexed({})).id)
    const pieces = openIndex(workspace, (await indexed({}, 1)).id)
    expect(pieces.statistics).toEqual(whole.statistics)
    for (let j = 0; j < 128; j++) expect(pieces.postings(j)).toEqual(whole.postings(j))
    whole.close()
    pieces.close()
  })

  testWithShared('grows by more tokens into what it would have been with them from the start', async () => {
    const request = {
      saeId: sae.id,
      activationSetId,
      settings: { skipPosition0: true, maxNormMultiple: null },
    }
    const { index, job } = newIndex(workspace, { ...request, tokens: 5000 })
    await indexJob(job.params, workspace, stopAfter(Infinity))
    expect(workspace.indexes.get(index.id)).toMatchObject({ tokens: 5000, complete: true })
    expect(() => longerIndex(workspace, { id: index.id, tokens: 4000 })).toThrow('it already has 5000 tokens')
    const longer = longerIndex(workspace, { id: index.id })
    await indexJob(longer.job.params, workspace, stopAfter(Infinity))
    const grown = openIndex(workspace, index.id)
    const whole = openIndex(workspace, (await indexed({})).id)
    expect(grown.statistics.count).toEqual(whole.statistics.count)
    for (let j = 0; j < 128; j++) expect(grown.postings(j).token).toEqual(whole.postings(j).token)
    grown.close()
    whole.close()
  })

  testWithShared('leaves out, and names, tokens of extreme norm', async () => {
    const index = await indexed({ maxNormMultiple: 1.5 })
    const limit = index.parts[0].normLimit!
    const norm = (t: number): number => Math.hypot(...activations.subarray(t * sae.dIn, (t + 1) * sae.dIn))
    const left = Array.from({ length: TOKENS }, (_, t) => t).filter(
      (t) => t % CONTEXT !== 0 && norm(t) > limit,
    )
    expect(left.length).toBeGreaterThan(0)
    const reader = openIndex(workspace, index.id)
    expect(reader.leftOut(0, TOKENS)).toEqual(left)
    expect(index.countedTokens).toBe(TOKENS - TOKENS / CONTEXT - left.length)
    reader.close()
  })

  testWithShared('a cancelled new index goes; a cancelled extension keeps what was there', async () => {
    const request = {
      saeId: sae.id,
      activationSetId,
      settings: { skipPosition0: true, maxNormMultiple: null },
    }
    const { index, job } = newIndex(workspace, { ...request, tokens: 5000 })
    await indexJob(job.params, workspace, stopAfter(Infinity))
    const longer = longerIndex(workspace, { id: index.id })
    discardIndexJob(longer.job.params, workspace)
    expect(workspace.indexes.get(index.id)).toMatchObject({ complete: true, parts: [{ tokens: 5000 }] })
    discardIndexJob(job.params, workspace)
    expect(workspace.indexes.find(index.id)).toBeUndefined()
  })
})
