import type { corpora as contract } from '#contract/corpus.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { addCorpus, addTokenCorpus } from '../corpus/add-corpus.ts'
import { contextShape } from '../corpus/context-shape.ts'
import { preview } from '../corpus/preview.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import type { EngineContext } from './context.ts'

export const corpusHandlers = ({ workspace }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.corpora.list(),
  get: ({ id }) => workspace.corpora.get(id),
  add: (request) => addCorpus(workspace, request),
  addTokens: (request) => addTokenCorpus(workspace, request),
  preview: async ({ id, modelId, rows, ...request }) => {
    const corpus = workspace.corpora.get(id)
    const model = workspace.models.get(modelId)
    const shape = contextShape(corpus, model, request)
    const tokenizer = model.hasTokenizer ? await openTokenizer(model.folder) : null
    return preview(corpus, tokenizer, shape, rows)
  },
})
