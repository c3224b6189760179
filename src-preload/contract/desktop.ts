import { z } from 'zod'

/** A workspace that was open in the desktop app before. */
export const RecentWorkspace = z.object({
  folder: z.string(),
  /** The folder's own name. */
  name: z.string(),
})
export type RecentWorkspace = z.infer<typeof RecentWorkspace>

/** What is known of the hub's token in the desktop app. The token itself never reaches the window. */
export const HubTokenState = z.object({
  /**
   * `keychain`: encrypted with the system's keychain, there at the next start too. `this-run`: in memory only.
   * `environment`: HF_TOKEN, or the file that Hugging Face's own tools write. `none`: requests are anonymous.
   */
  kept: z.enum(['keychain', 'this-run', 'environment', 'none']),
  /** A sentence that must be shown: why a token is not kept beyond this run, or why one was refused. */
  note: z.string().nullable(),
})
export type HubTokenState = z.infer<typeof HubTokenState>
