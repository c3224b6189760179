import { z } from 'zod'
import { FeatureLabel } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import type { LabelLine } from './label-line.ts'

// Labels as Neuronpedia's explanations: one JSON object a line, the fields of its bulk exports
// ({ modelId, layer, index, description, typeName, … }); what it has no field for is kept under "suture".

const Extras = FeatureLabel.pick({
  notes: true,
  tags: true,
  starred: true,
  uninterpretable: true,
  confidence: true,
}).partial()
const Explanation = z.object({
  index: z.union([z.int().min(0), z.string().regex(/^\d+$/).transform(Number)]),
  description: z.string().nullish(),
  authorName: z.string().nullish(),
  updatedAt: z.iso.datetime({ offset: true }).nullish(),
  suture: Extras.optional(),
})

/** `layer` is Neuronpedia's name of the SAE, e.g. "8-res-jb". */
export function labelsToNeuronpedia(labels: readonly FeatureLabel[], modelId: string, layer: string): string {
  return labels
    .map(({ feature, label, author, updatedAt, ...suture }) =>
      JSON.stringify({
        modelId,
        layer,
        index: String(feature),
        description: label,
        typeName: 'human',
        explanationModelName: null,
        authorName: author,
        updatedAt,
        suture,
      }),
    )
    .map((line) => `${line}\n`)
    .join('')
}

export function labelsFromNeuronpedia(file: string, text: string): LabelLine[] {
  const lines = text.split('\n').map((json, i) => ({ json: json.trim(), number: i + 1 }))
  return lines
    .filter(({ json }) => json !== '')
    .map(({ json, number }) => {
      const parsed = Explanation.safeParse(jsonOf(file, json, number))
      if (!parsed.success) {
        const issue = parsed.error.issues[0]
        throw problem('bad-file', file, `line ${number}, "${issue.path.join('.')}": ${issue.message}`)
      }
      const { index, description, authorName, updatedAt, suture } = parsed.data
      const label = description == null ? {} : { label: description.trim().slice(0, 500) }
      return {
        feature: index,
        change: { ...label, ...suture },
        author: authorName ?? null,
        updatedAt: updatedAt ?? null,
      }
    })
}

function jsonOf(file: string, json: string, line: number): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw problem(
      'bad-file',
      file,
      `line ${line} is not JSON`,
      'A label file is CSV, or one JSON object a line.',
    )
  }
}
