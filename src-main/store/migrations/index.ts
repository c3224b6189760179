import * as things from './0001-things.ts'

/** In order; the schema's number is how many have run. Only ever append. */
export const migrations: readonly { up: string }[] = [things]
