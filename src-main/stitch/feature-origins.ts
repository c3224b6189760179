import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { SaeId } from '#contract/ids.ts'
import type { FeatureOrigins } from '#contract/stitch.ts'
import { CFG } from '../sae/formats/saelens.ts'
import type { SaelensMetadata } from '../sae/formats/saelens-writer.ts'
import type { Workspace } from '../store/workspace.ts'

/** The key in a cfg.json's metadata under which a hybrid says where its features are from. */
const KEY = 'stitched_from'
const Stored = z.object({
  saes: z.array(z.object({ id: z.string(), name: z.string() })),
  sae: z.array(z.int().min(0)),
  feature: z.array(z.int().min(0)),
})

/** What of a cfg.json is about the model and not about how one SAE was trained: true of a hybrid as of its host. */
const OF_THE_MODEL = [
  'model_class_name',
  'model_from_pretrained_kwargs',
  'hook_head_index',
  'context_size',
  'prepend_bos',
  'dataset_path',
] as const

/** What an SAE's own cfg.json says under "metadata"; its tensors are not read. */
function metadataOf(workspace: Workspace, id: SaeId): Record<string, unknown> {
  const cfg: unknown = JSON.parse(readFileSync(join(workspace.saeFolder(id), CFG), 'utf8'))
  return z.looseObject({ metadata: z.looseObject({}).default({}) }).parse(cfg).metadata
}

/** cfg.json's metadata of a hybrid: the host's model side, and where each feature comes from. */
export function hybridMetadata(workspace: Workspace, host: SaeId, origins: FeatureOrigins): SaelensMetadata {
  const known = metadataOf(workspace, host)
  const kept = OF_THE_MODEL.filter((key) => known[key] !== undefined).map((key) => [key, known[key]])
  const { saes, sae, feature } = origins
  const stored: z.input<typeof Stored> = { saes, sae: [...sae], feature: [...feature] }
  return { ...(Object.fromEntries(kept) as SaelensMetadata), [KEY]: stored }
}

/** Where each feature of a hybrid comes from; null for an SAE that was not stitched. */
export function readOrigins(workspace: Workspace, id: SaeId): FeatureOrigins | null {
  const stored = Stored.safeParse(metadataOf(workspace, workspace.saes.get(id).id)[KEY])
  if (!stored.success) return null
  const { saes, sae, feature } = stored.data
  return { saes, sae: Int32Array.from(sae), feature: Int32Array.from(feature) }
}
