export interface Entry {
  term: string
  text: string
  /** As it is written in the field, where that helps to find it. */
  symbol?: string
}

/** The words of this program, each for one thing. In the order in which one is made from another. */
export const GLOSSARY: Entry[] = [
  { term: 'model', text: 'A causal language model, read in place from a Hugging Face folder.' },
  {
    term: 'hook point',
    text: 'A place in the model whose activations can be taken or replaced, in the spelling of TransformerLens.',
    symbol: 'blocks.8.hook_resid_pre',
  },
  { term: 'corpus', text: 'Text, JSONL or Parquet files, or rows of token ids made elsewhere.' },
  { term: 'token set', text: 'A corpus as one model sees it: rows of token ids of one length.' },
  {
    term: 'activation set',
    text: 'The activations at one hook point over a token set, kept on disk.',
    symbol: '[T, d_in]',
  },
  {
    term: 'SAE',
    text: 'A sparse autoencoder: writes an activation as a sum of a few of its many features.',
    symbol: 'W_enc b_enc W_dec b_dec',
  },
  {
    term: 'feature',
    text: 'One direction of an SAE’s decoder, with the rule that says when it fires. Numbered from 0.',
    symbol: 'd_sae',
  },
  { term: 'code', text: 'The features that fire on one token, each with its activation: a sparse vector.' },
  {
    term: 'feature index',
    text: 'Where every feature of an SAE fires in an activation set, and how hard: what the pages of Features are read from.',
  },
  { term: 'density', text: 'The share of tokens on which a feature fires.' },
  { term: 'dead', text: 'A feature that did not fire on any of the tokens named beside it.' },
  { term: 'L0', text: 'How many features fire on a token, on average.', symbol: 'l0' },
  { term: 'MSE', text: 'The squared error of the reconstruction, summed over d and averaged over tokens.' },
  {
    term: 'explained variance',
    text: 'The share of the activations’ variance that the reconstruction has: 1 is all, 0 is what the mean alone has.',
    symbol: 'EV',
  },
  {
    term: 'CE recovered',
    text: 'How much of the model’s loss is kept when the activations are replaced by their reconstruction; 0 is as bad as replacing them by zero.',
  },
  {
    term: 'max cosine',
    text: 'The largest cosine between a feature’s decoder direction and those of another SAE. Always shown with the line that random directions give.',
  },
  {
    term: 'null line',
    text: 'What a similarity would be between random directions, dashed on every plot of one: below it there is nothing to see.',
  },
  {
    term: 'threshold',
    text: 'In a comparison, the max cosine from which a feature of B counts as one that A has too. In an SAE, the activation a feature must exceed to fire.',
  },
  {
    term: 'novel',
    text: 'A feature of B whose max cosine in A is below the threshold: A has nothing like it.',
  },
  {
    term: 'reconstruction',
    text: 'A feature of B whose max cosine in A is above the threshold: A has it in some form.',
  },
  {
    term: 'universality report',
    text: 'Many SAEs side by side: every pair’s mean max cosine and correlation with its baseline, densities, errors; kept, and saved as one page.',
  },
  {
    term: 'component',
    text: 'Features of A and B that hang together in the graph of cosines above the threshold: candidates for a swap.',
  },
  { term: 'swap', text: 'A component’s features of A taken out and those of B put in.' },
  { term: 'stitch', text: 'To move features between SAEs; the result is an SAE like any other.' },
  {
    term: 'bench',
    text: 'Two SAEs laid out on the same tokens for stitching, with the history of every move.',
  },
  {
    term: 'host, donor',
    text: 'On a bench: the SAE that features are moved into (A), and the one they come from (B).',
  },
  { term: 'hybrid', text: 'What stands on a bench: features of A and of B together.' },
  {
    term: 'evaluation set',
    text: 'The tokens that a comparison or a bench is measured on; named in the status line, with what is left out.',
  },
  {
    term: 'splice',
    text: 'To run the model with the activations at a hook point replaced by their reconstruction.',
  },
  {
    term: 'concept',
    text: 'Something that tokens of the Demo workspace are known to be about, such as weekdays; features are held against it.',
  },
  {
    term: 'F1',
    text: '2 · precision · recall / (precision + recall): 1 where a feature fires on a concept’s tokens and on no other.',
  },
  {
    term: 'BOS',
    text: 'The token that a row begins with where the model wants one. Its activations are like no other’s, so position 0 is left out of most numbers.',
  },
  { term: 'run', text: 'A training of one or more SAEs that are fed the same batches.' },
  {
    term: 'workspace',
    text: 'The folder that everything is kept in; it can be copied, moved and opened elsewhere.',
  },
  { term: 'provenance', text: 'What a thing was made from, and how: enough to make it again.' },
]
