import { z } from 'zod'

/** Where a thing came from: enough to make it again. */
export const Provenance = z.object({
  /** The command or screen action that made it, e.g. "harvest", "saes import". */
  madeBy: z.string(),
  /** Ids of the things it was made from. */
  from: z.array(z.string()).default([]),
  /** The parameters it was made with, as given. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  /** Suture's version. */
  version: z.string(),
})
export type Provenance = z.infer<typeof Provenance>

/** What every named thing in a workspace has. */
export const thing = {
  name: z.string().min(1),
  createdAt: z.iso.datetime(),
  provenance: Provenance,
}
