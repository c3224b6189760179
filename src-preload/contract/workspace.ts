import { z } from 'zod'
import { call } from './rpc.ts'
import { Provenance } from './thing.ts'

export const ThingKind = z.enum([
  'model',
  'corpus',
  'activations',
  'run',
  'sae',
  'index',
  'comparison',
  'report',
  'stitch',
])
export type ThingKind = z.infer<typeof ThingKind>

export const ThingSummary = z.object({ id: z.string(), kind: ThingKind, name: z.string() })
export type ThingSummary = z.infer<typeof ThingSummary>

export const ListedThing = ThingSummary.extend({ createdAt: z.iso.datetime() })
export type ListedThing = z.infer<typeof ListedThing>

/** Where a thing stands among the others, and on the disk. */
export const ThingDetail = ListedThing.extend({
  provenance: Provenance,
  /** Those of what it was made from that are still here. */
  madeFrom: z.array(ThingSummary),
  /** What was made from it. */
  usedBy: z.array(ThingSummary),
  /** Its own files and folders, those of them that are there; not what is only read. */
  files: z.array(z.string()),
})
export type ThingDetail = z.infer<typeof ThingDetail>

export const WorkspaceInfo = z.object({
  folder: z.string(),
  version: z.string(),
  diskBytes: z.number(),
  freeBytes: z.number(),
})
export type WorkspaceInfo = z.infer<typeof WorkspaceInfo>

/** What a folder holds, for choosing paths where there is no native dialog. */
export const FolderListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(z.object({ name: z.string(), folder: z.boolean(), bytes: z.number() })),
})
export type FolderListing = z.infer<typeof FolderListing>

export const workspace = {
  info: call(z.object({}), WorkspaceInfo),
  /** Everything there is, oldest first. */
  things: call(z.object({}), z.array(ListedThing)),
  thing: call(z.object({ id: z.string() }), ThingDetail),
  /** Bytes on disk of every thing, by id. */
  disk: call(z.object({}), z.record(z.string(), z.number())),
  /** Lists a folder of this machine; without a path, the home folder. */
  browse: call(z.object({ path: z.string().optional() }), FolderListing),
  rename: call(z.object({ id: z.string(), name: z.string().min(1) }), z.null()),
  /** What would go with a thing: indexes, comparisons and stitches that are nothing without it. */
  dependents: call(z.object({ id: z.string() }), z.array(ThingSummary)),
  /** Removes a thing and its files. Refused while a job needs it, and while dependents exist, unless `cascade`. */
  remove: call(
    z.object({ id: z.string(), cascade: z.boolean().default(false) }),
    z.object({ removed: z.array(z.string()) }),
  ),
}
