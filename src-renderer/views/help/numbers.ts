export interface NumberEntry {
  name: string
  formula: string
  /** Over what it is taken, and what is left out. */
  how: string
}

/** How each number on the screens is computed: one formula each, wherever it stands. */
export const NUMBERS: NumberEntry[] = [
  {
    name: 'MSE',
    formula: 'mean_t Σ_d (x − x̂)²',
    how: 'Summed over d_in, averaged over tokens, in the activations’ own units. Position 0 is left out where the caption says so.',
  },
  {
    name: 'L0',
    formula: 'mean_t #{j : a_j > 0}',
    how: 'Features that fire on a token, averaged over the same tokens as the MSE.',
  },
  {
    name: 'explained variance',
    formula: '1 − Σ_t ‖x − x̂‖² / Σ_t ‖x − x̄‖²',
    how: 'x̄ is the mean of the activations measured. 1 is all, 0 is what the mean alone has; it can be negative.',
  },
  {
    name: 'CE recovered',
    formula: '(CE_zero − CE_spliced) / (CE_zero − CE)',
    how: 'Next-token cross-entropy in nats: as it is, with the hook point’s activations replaced by their reconstruction, and replaced by zero.',
  },
  {
    name: 'density',
    formula: '#{t : a_j(t) > 0} / T',
    how: 'Over the tokens of the index; with 0, the feature is dead on them.',
  },
  {
    name: 'promoted, suppressed',
    formula: 'W_dec[j] · W_U',
    how: 'The decoder direction through the model’s final norm and unembedding: change of each token’s logit per unit of activation.',
  },
  {
    name: 'dimensionality',
    formula: '‖W_j‖² / Σ_i (Ŵ_j · W_i)²',
    how: '1 for a direction of its own, 1/n for one that n features share.',
  },
  {
    name: 'max cosine',
    formula: 'max_i Ŵ_j · Ŵ_i',
    how: 'Of decoder directions, each with norm 1. The dashed line is the mean of the same for as many random directions.',
  },
  {
    name: 'MCS',
    formula: 'mean_j max_i Ŵ_j · Ŵ_i',
    how: 'Not the same from B to A as from A to B: both are given.',
  },
  {
    name: 'ΔMSE',
    formula: 'MSE(with) − MSE(without)',
    how: 'Exact, on the evaluation tokens in the status line: of one feature added to an SAE that else stays as it is. Negative: the error falls.',
  },
  {
    name: 'correlation',
    formula: 'Pearson r of a_i(t), a_j(t)',
    how: 'Over the shared tokens, zeros included.',
  },
  {
    name: 'F1',
    formula: '2 · precision · recall / (precision + recall)',
    how: 'Of a feature as a detector of a concept, at the best threshold of its activation, on the tokens it was chosen on.',
  },
]
