/** What can be added to a workspace by hand, as named in the address: `#/home?add=model`. */
export const ADD_TITLES = {
  model: 'Add a model',
  corpus: 'Add a corpus',
  sae: 'Import an SAE',
} as const
export type Addable = keyof typeof ADD_TITLES

export const isAddable = (word: string | undefined): word is Addable =>
  word !== undefined && word in ADD_TITLES
