// node scripts/demo/measure.ts [FOLDER]: examines the demo model on stories it has not seen; writes FOLDER/learnt.json and
// prints the table of its card.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModelId } from '../../src-preload/contract/ids.ts'
import { inspectFolder } from '../../src-main/language-model/inspect.ts'
import { openLanguageModel } from '../../src-main/language-model/language-model.ts'
import { openTokenizer } from '../../src-main/language-model/tokenizer.ts'
import { resourcesFolder } from '../../src-main/places.ts'
import { cardTable } from './card.ts'
import { examine } from './examine.ts'

/** Neither the model's text (1) nor the demo's (2026). */
const SEED = 77
const STORIES = 1000

const folder = process.argv[2] ?? join(resourcesFolder, 'demo/model')
const provenance = { madeBy: 'demo', from: [], parameters: {}, version: '0' }
const facts = await inspectFolder(folder)
const model = await openLanguageModel({
  id: ModelId.parse('m-examined'),
  name: 'Demo model',
  createdAt: new Date(0).toISOString(),
  provenance,
  ...facts,
})
const learnt = await examine(model, await openTokenizer(folder), SEED, STORIES)
await model.close()
writeFileSync(join(folder, 'learnt.json'), `${JSON.stringify(learnt, null, 1)}\n`)
console.log(cardTable(learnt))
