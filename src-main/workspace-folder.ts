import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the workspace is when nobody says: beside the person's other documents, never inside the program. */
export const defaultWorkspace = (): string => process.env['SUTURE_WORKSPACE'] ?? join(homedir(), 'Suture')
