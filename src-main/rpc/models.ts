import type { models as contract } from '#contract/model.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { addModel } from '../language-model/add-model.ts'
import { resolveHook } from '../language-model/hook-names.ts'
import { parseHubId } from '../language-model/hub-download.ts'
import { planDownload } from '../language-model/hub-plan.ts'
import { planPerplexity } from '../language-model/perplexity.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import type { EngineContext } from './context.ts'

export const modelHandlers = ({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.models.list(),
  get: ({ id }) => workspace.models.get(id),
  add: (given) => addModel(workspace, given),
  planDownload: ({ hubId }) => planDownload(hubId),
  download: (given) => {
    parseHubId(given.hubId)
    const id = workspace.models.newId()
    const { id: job } = jobs.add({
      kind: 'download',
      title: `Download ${given.hubId}`,
      makes: id,
      params: { id, ...given },
    })
    return { job, id }
  },
  perplexity: (request) => {
    const params = planPerplexity(workspace, request)
    const [model, corpus] = [workspace.models.get(request.id), workspace.corpora.get(request.corpusId)]
    const title = `Perplexity of ${model.name} on ${corpus.name}`
    return { job: jobs.add({ kind: 'perplexity', title, makes: null, params }).id }
  },
  vocabulary: async ({ id }) => {
    const { folder, hasTokenizer } = workspace.models.get(id)
    return hasTokenizer ? (await openTokenizer(folder)).tokenStrings() : []
  },
  hookPoint: ({ id, name }) => resolveHook(name, workspace.models.get(id)),
})
