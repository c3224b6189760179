/** What the generator knows about a stretch of its own text: the ground truth that features are held against. */
export const CONCEPTS = [
  'person',
  'place',
  'weekday',
  'month',
  'number',
  'sum',
  'operator',
  'opening bracket',
  'closing bracket',
  'opening quote',
  'closing quote',
  'indirect object',
  'thing',
  'animal',
  'colour',
  'polite',
  'rude',
  'code keyword',
  'code name',
  'Spanish',
] as const
export type Concept = (typeof CONCEPTS)[number]

/** Characters [start, end) of a document are about the concept. Spans of different concepts may overlap. */
export interface Span {
  start: number
  end: number
  concept: Concept
}

export interface Story {
  text: string
  spans: Span[]
}
