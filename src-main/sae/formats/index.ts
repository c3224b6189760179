import type { SaeFormatName } from '#contract/sae.ts'
import { problem, problemOf, type Problem } from '#contract/problem.ts'
import { findBare } from './bare.ts'
import { findConnorRob } from './connor-rob.ts'
import { findDictionaryLearningFile, findDictionaryLearningFolder } from './dictionary-learning.ts'
import type { Found } from './found.ts'
import { findGemmaScope2 } from './gemma-scope-2.ts'
import { findGemmaScope } from './gemma-scope.ts'
import { findGoodfire } from './goodfire.ts'
import { findLlamaScope } from './llama-scope.ts'
import { findOpenai } from './openai.ts'
import { findOpenmoss } from './openmoss.ts'
import { findSaelens } from './saelens.ts'
import { isTensorFile, pathOf, type SaeFiles } from './source.ts'
import { findSparsify } from './sparsify.ts'

/** Finds the SAE of a folder or of a file, or null where it is not of that format. */
type Find = (files: SaeFiles, name: string) => Found | null
interface Finder {
  format: SaeFormatName
  find: Find
}

/** Formats that are a folder with a configuration, the most telling first. */
const FOLDERS: readonly Finder[] = [
  { format: 'saelens', find: findSaelens },
  { format: 'sparsify', find: findSparsify },
  { format: 'llama-scope', find: findLlamaScope },
  { format: 'openmoss', find: findOpenmoss },
  { format: 'gemma-scope-2', find: findGemmaScope2 },
  { format: 'gemma-scope', find: findGemmaScope },
  { format: 'dictionary-learning', find: findDictionaryLearningFolder },
]
/** Formats that are one file. */
const FILES: readonly Finder[] = [
  { format: 'openai', find: findOpenai },
  { format: 'connor-rob', find: findConnorRob },
  { format: 'dictionary-learning', find: findDictionaryLearningFile },
  { format: 'goodfire', find: findGoodfire },
  { format: 'bare', find: findBare },
]

const firstOf = (
  finders: readonly Finder[],
  files: SaeFiles,
  name: string,
  only?: SaeFormatName,
): Found | null => {
  for (const { format, find } of finders) {
    const found = only === undefined || only === format ? find(files, name) : null
    if (found) return found
  }
  return null
}

/** The SAE that a folder ("" is the root) is, or null. @throws Problem when it is one that cannot be read. */
export const saeInFolder = (files: SaeFiles, folder: string, only?: SaeFormatName): Found | null =>
  firstOf(FOLDERS, files, folder, only)

/** The SAE that a file is, alone or with the configuration beside it. @throws Problem when there is none. */
export function saeInFile(files: SaeFiles, name: string, only?: SaeFormatName): Found {
  const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : ''
  const inFolder = saeInFolder(files, folder, only)
  if (
    inFolder &&
    Object.values(inFolder.slots).some(
      (values) => 'file' in values && values.file.file === pathOf(files, name),
    )
  )
    return inFolder
  const found = firstOf(FILES, files, name, only)
  if (found) return found
  const { tensors } = files.tensors(name)
  throw problem(
    'unsupported',
    pathOf(files, name),
    `its tensors (${[...tensors.keys()].slice(0, 8).join(', ') || 'none'}) are not those of ${only ?? 'an SAE format that is known'}`,
    'Choose the folder with its configuration, or convert it to a SAELens folder.',
  )
}

export interface Findings {
  found: Found[]
  /** What looked like an SAE and could not be read. */
  broken: { path: string; problem: Problem }[]
  /** True when there were more places to look than were looked at. */
  more: boolean
}
const MAX_FOUND = 500

/** Every SAE under a folder: folders first, then files of tensors that belong to none. */
export function findSaes(files: SaeFiles, only?: SaeFormatName): Findings {
  const findings: Findings = { found: [], broken: [], more: false }
  const attempt = (name: string, find: Find): boolean => {
    if (findings.found.length + findings.broken.length >= MAX_FOUND) return (findings.more = true)
    try {
      const found = find(files, name)
      if (found) findings.found.push(found)
      return found !== null
    } catch (error) {
      findings.broken.push({ path: pathOf(files, name), problem: problemOf(error) })
      return true
    }
  }
  const folders = new Set(files.names.flatMap(foldersOf))
  const taken = [...folders]
    .sort()
    .filter((folder) => attempt(folder, (at, name) => saeInFolder(at, name, only)))
  const isTaken = (name: string): boolean =>
    taken.some((folder) => folder === '' || name.startsWith(`${folder}/`))
  for (const name of files.names)
    if (isTensorFile(name) && !isTaken(name)) attempt(name, (at, file) => firstOf(FILES, at, file, only))
  return findings
}

/** "a/b/c.json" is in "", "a" and "a/b". */
const foldersOf = (name: string): string[] => {
  const parts = name.split('/').slice(0, -1)
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))]
}
