import { bridge } from '../bridge.ts'
import { engine } from '../rpc.ts'
import { dropped } from '../state/dropped.svelte.ts'
import { attempt, notices } from '../state/notices.svelte.ts'
import { route } from '../state/route.svelte.ts'
import type { Addable } from '../views/home/addable.ts'

const WEIGHTS = /\.(pt|npz|bin)$/i
const TEXT = /\.(txt|text|md|jsonl?|jsonl\.gz|parquet)$/i

/** What dropped paths most likely are, by their names and, for a folder, by what is in it; null: cannot tell. */
export function guessAddable(paths: readonly string[], inside: readonly string[]): Addable | null {
  if (paths.length === 0) return null
  if (inside.includes('tokenizer.json') || inside.includes('generation_config.json')) return 'model'
  if (inside.some((name) => name === 'cfg.json' || name.startsWith('sae') || WEIGHTS.test(name))) return 'sae'
  if (inside.includes('config.json')) return 'model'
  if (inside.length > 0) return inside.some((name) => TEXT.test(name)) ? 'corpus' : 'sae'
  if (paths.every((path) => TEXT.test(path))) return 'corpus'
  return paths.some((path) => WEIGHTS.test(path) || path.endsWith('.safetensors')) ? 'sae' : null
}

async function namesInside(path: string): Promise<string[]> {
  try {
    const { entries } = await engine.workspace.browse({ path })
    return entries.map(({ name }) => name)
  } catch {
    return [] // a file, not a folder
  }
}

/** Files or folders dropped on the window: opens the pane that adds what they are, or the workspace of a .suture file. */
export function takeDrop(event: DragEvent): void {
  const files = [...(event.dataTransfer?.files ?? [])]
  if (files.length === 0) return
  event.preventDefault()
  const electron = bridge()
  if (!electron) {
    notices.say('A browser does not say where a dropped file is. Type or choose its path instead.')
    return
  }
  const workspaceFile = files.find((file) => file.name.toLowerCase().endsWith('.suture'))
  if (workspaceFile) {
    void electron.openWorkspaceFile(workspaceFile).then(notices.refused)
    return
  }
  const paths = files.map((file) => electron.pathOf(file))
  void attempt(async () => {
    const what = guessAddable(paths, paths.length === 1 ? await namesInside(paths[0]) : [])
    if (!what) {
      notices.say('This is neither a model, nor text, nor an SAE as far as its name says.')
      return
    }
    dropped.put(paths)
    route.go('/home', { add: what })
  })
}
