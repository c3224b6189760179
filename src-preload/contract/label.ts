import { z } from 'zod'
import { FeatureNumber, SaeId } from './ids.ts'
import { call } from './rpc.ts'

export const Tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^;]*$/, 'a tag has no ";" in it')

/** What a person says of a feature. */
export const labelFields = {
  label: z.string().trim().max(500),
  notes: z.string().max(20_000),
  tags: z.array(Tag),
  starred: z.boolean(),
  /** Looked at, and no meaning found. */
  uninterpretable: z.boolean(),
  /** 0 … 1: how sure the person is of the label. */
  confidence: z.number().min(0).max(1).nullable(),
}
export const LabelField = z.enum(['label', 'notes', 'tags', 'starred', 'uninterpretable', 'confidence'])
export type LabelField = z.infer<typeof LabelField>

export const FeatureLabel = z.object({
  feature: FeatureNumber,
  ...labelFields,
  /** Who changed it last, and when. */
  author: z.string(),
  updatedAt: z.iso.datetime(),
})
export type FeatureLabel = z.infer<typeof FeatureLabel>

export const LabelChange = z.object(labelFields).partial()
export type LabelChange = z.infer<typeof LabelChange>

/** One field that was changed: who, when, what before. */
export const LabelHistoryEntry = z.object({
  /** Fields changed at once share the number of the edit. */
  edit: z.int(),
  /** The edit that this one took back; null for any other. */
  undoes: z.int().nullable(),
  feature: FeatureNumber,
  field: LabelField,
  before: z.unknown(),
  after: z.unknown(),
  author: z.string(),
  at: z.iso.datetime(),
})
export type LabelHistoryEntry = z.infer<typeof LabelHistoryEntry>

export const LabelFileFormat = z.enum(['csv', 'neuronpedia'])
export type LabelFileFormat = z.infer<typeof LabelFileFormat>

/** Which one stays where both the workspace and a file say something of a feature. */
export const LabelConflict = z.enum(['mine', 'theirs', 'newer'])
export type LabelConflict = z.infer<typeof LabelConflict>

const LabelText = FeatureLabel.omit({ feature: true })
export const LabelAgreement = z.object({
  rows: z.array(
    z.object({
      feature: FeatureNumber,
      mine: LabelText.nullable(),
      theirs: LabelText.nullable(),
      verdict: z.enum(['same', 'different', 'only mine', 'only theirs']),
    }),
  ),
  same: z.int(),
  different: z.int(),
  onlyMine: z.int(),
  onlyTheirs: z.int(),
  /** Cohen's kappa of "uninterpretable" over the features both looked at; null where chance alone decides. */
  kappaUninterpretable: z.number().nullable(),
})
export type LabelAgreement = z.infer<typeof LabelAgreement>

const Of = z.object({ saeId: SaeId })
const Edited = z.object({
  /** The features that changed, as they are now. */
  changed: z.array(FeatureLabel),
})
export type LabelsEdited = z.infer<typeof Edited>

export const labels = {
  /** Every feature of the SAE that has a label, a note, a tag, a star or a mark. */
  list: call(Of, z.array(FeatureLabel)),
  /** Written, with its history, when this answers. `author` is the name of the account unless given. */
  edit: call(
    Of.extend({ feature: FeatureNumber, change: LabelChange, author: z.string().optional() }),
    FeatureLabel,
  ),
  history: call(Of.extend({ feature: FeatureNumber }), z.array(LabelHistoryEntry)),
  /** Takes the last edit back that is not taken back yet. @throws Problem when there is none. */
  undo: call(Of.extend({ author: z.string().optional() }), Edited),
  /** Does again what was last taken back, unless something was edited since. */
  redo: call(Of.extend({ author: z.string().optional() }), Edited),
  /** Features whose label, notes or tags have words that begin so; best match first. */
  search: call(Of.extend({ text: z.string(), limit: z.int().min(1).default(200) }), z.array(FeatureLabel)),
  exportFile: call(
    Of.extend({ to: z.string(), format: LabelFileFormat }),
    z.object({ file: z.string(), labels: z.int() }),
  ),
  /** One edit: undo takes the whole import back. */
  importFile: call(
    Of.extend({
      file: z.string(),
      conflict: LabelConflict.default('newer'),
      /** Who labelled, for lines that do not say. */
      author: z.string().optional(),
    }),
    z.object({ read: z.int(), changed: z.int(), kept: z.int() }),
  ),
  /** How the workspace's labels and those of a file agree; changes nothing. */
  compareFile: call(Of.extend({ file: z.string() }), LabelAgreement),
}
