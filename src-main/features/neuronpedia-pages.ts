import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FeatureExample, FeaturePage } from '#contract/feature.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeatureLabel } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import { neuronpediaPlace, type NeuronpediaPlace } from '../sae/formats/neuronpedia-vectors.ts'
import { writeAtomically } from '../store/atomic.ts'
import { LabelStore } from '../store/labels.ts'
import type { Workspace } from '../store/workspace.ts'
import { featurePage } from './feature-page.ts'
import { FeatureSources } from './feature-sources.ts'
import { labelsToNeuronpedia } from './neuronpedia-labels.ts'

// Feature pages in the shape of Neuronpedia's bulk exports: features/, activations/ and explanations/ with one JSON object
// a line, in gzipped batches (prisma/schema.prisma: Neuron, Activation, Explanation). What was not computed is left empty.

const BATCH = 256
const PAGE = { top: 20, perInterval: 5, before: 32, after: 32, onePerRow: true }
/** An example that is among the strongest belongs to no interval. */
const NO_INTERVAL = { binMin: -1, binMax: -1, binContains: -1 }

/** Enough digits to draw and compare by. */
const short = (value: number): number => Number(value.toPrecision(6))

function activationRecord(
  place: NeuronpediaPlace,
  feature: number,
  { value, window }: FeatureExample,
  interval: typeof NO_INTERVAL,
): object {
  // Tokens that do not count have no activation there.
  const values = Array.from(window.activations[0], (a) => (Number.isNaN(a) ? 0 : short(a)))
  const maxValue = Math.max(...values)
  return {
    modelId: place.modelId,
    layer: place.layer,
    index: String(feature),
    tokens: window.tokens,
    values,
    maxValue,
    maxValueTokenIndex: values.indexOf(maxValue),
    minValue: Math.min(...values),
    qualifyingTokenIndex: window.token - window.first,
    qualifyingValue: short(value),
    ...interval,
  }
}

/** The density histogram's bars: counts, and the middle of each of its equal bins of activation. */
function histogram({ histogram: heights, statistics: { max } }: FeaturePage): object {
  const width = max / heights.length
  return {
    freq_hist_data_bar_heights: [...heights],
    freq_hist_data_bar_values: Array.from(heights, (_, i) => (i + 0.5) * width),
  }
}

function featureRecord(
  place: NeuronpediaPlace,
  sae: Sae,
  page: FeaturePage,
  label: FeatureLabel | undefined,
): object {
  return {
    ...place,
    index: String(page.feature),
    sourceSetName: sae.name,
    maxActApprox: page.statistics.max,
    frac_nonzero: page.statistics.density,
    ...histogram(page),
    hasVector: false,
    vector: [],
    vectorLabel: label?.label ?? null,
  }
}

const lines = (records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('')

function writeBatch(folder: string, kind: string, batch: number, text: string): string {
  const name = join(kind, `batch-${batch}.jsonl.gz`)
  mkdirSync(join(folder, kind), { recursive: true })
  writeAtomically(join(folder, name), (put) => put(gzipSync(text)))
  return name
}

/** The index that pages of an SAE are read from: the one asked for, else the one with most tokens. */
function indexOf(workspace: Workspace, sae: Sae): FeatureIndex {
  const complete = workspace.indexes.list().filter(({ saeId, complete }) => saeId === sae.id && complete)
  const [largest] = complete.sort((a, b) => b.tokens - a.tokens)
  if (!largest)
    throw problem(
      'not-found',
      sae.name,
      'it has no feature index, and its pages are made from one',
      `Make it with: suture index --sae ${sae.id} --activations …`,
    )
  return largest
}

/** Writes the pages of all features of an SAE; a batch of features at a time is held. Returns the files' names. */
export async function writeNeuronpediaPages(
  workspace: Workspace,
  id: Sae['id'],
  folder: string,
): Promise<string[]> {
  const sae = workspace.saes.get(id)
  const place = neuronpediaPlace(sae)
  const labels = new Map(new LabelStore(workspace.db).list(id).map((label) => [label.feature, label]))
  const sources = new FeatureSources(workspace)
  const files: string[] = []
  try {
    const reader = sources.index(indexOf(workspace, sae).id)
    for (let first = 0; first < sae.dSae; first += BATCH) {
      const features: object[] = []
      const activations: object[] = []
      const last = Math.min(sae.dSae, first + BATCH)
      for (let feature = first; feature < last; feature++) {
        const page = await featurePage(sources, reader, { ...PAGE, feature })
        features.push(featureRecord(place, sae, page, labels.get(feature)))
        activations.push(...page.top.map((example) => activationRecord(place, feature, example, NO_INTERVAL)))
        for (const { from, to, share, examples } of page.intervals)
          for (const example of examples)
            activations.push(
              activationRecord(place, feature, example, { binMin: from, binMax: to, binContains: share }),
            )
      }
      const said = [...labels.values()].filter(({ feature }) => feature >= first && feature < last)
      files.push(
        writeBatch(folder, 'features', first / BATCH, lines(features)),
        writeBatch(folder, 'activations', first / BATCH, lines(activations)),
        writeBatch(
          folder,
          'explanations',
          first / BATCH,
          labelsToNeuronpedia(said, place.modelId, place.layer),
        ),
      )
    }
  } finally {
    sources.close()
  }
  return files
}
