import { z } from 'zod'
import { call } from './rpc.ts'

export const ThingKind = z.enum(['model', 'corpus', 'activations', 'run', 'sae', 'index', 'comparison', 'stitch'])
export type ThingKind = z.infer<typeof ThingKind>

export const WorkspaceInfo = z.object({
  folder: z.string(),
  version: z.string(),
  diskBytes: z.number(),
  freeBytes: z.number(),
})

export const workspace = {
  info: call(z.object({}), WorkspaceInfo),
  /** Bytes on disk of every thing, by id. */
  disk: call(z.object({}), z.record(z.string(), z.number())),
  rename: call(z.object({ id: z.string(), name: z.string().min(1) }), z.null()),
  /** Removes a thing and its files. Refused while another thing or a running job needs it, unless `cascade`. */
  remove: call(z.object({ id: z.string(), cascade: z.boolean().default(false) }), z.object({ removed: z.array(z.string()) })),
}
