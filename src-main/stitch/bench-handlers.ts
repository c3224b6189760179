import type { RoomHandlers } from '#contract/rpc.ts'
import type { bench as contract } from '#contract/stitch.ts'
import type { Session } from './session.ts'

/** The bench's calls of the contract, answered by a session once it is open. */
export function benchHandlers(opening: Promise<Session>): RoomHandlers<typeof contract> {
  const turn = async <T>(work: (session: Session) => T | Promise<T>): Promise<T> => (await opening).turn(work)
  return {
    state: () => turn((session) => session.state()),
    effects: () => turn((session) => session.effects()),
    preview: ({ edit }) => turn((session) => session.preview(edit)),
    overPredicted: ({ edit }, signal) => turn((session) => session.overPredicted(edit, signal)),
    apply: ({ edit }) => turn((session) => session.apply(edit)),
    undo: () => turn((session) => session.undo()),
    redo: () => turn((session) => session.redo()),
    goTo: ({ point }) => turn((session) => session.goTo(point)),
    nameVersion: ({ name }) => turn((session) => session.nameVersion(name)),
    difference: ({ from, to }) => turn((session) => session.difference(from, to)),
    walkTo: ({ step }) => turn((session) => session.walkTo(step)),
    path: () => turn((session) => session.path()),
    greedy: () => turn((session) => session.greedy()),
    losses: () => turn((session) => session.losses()),
    reencoded: () => turn((session) => session.reencoded()),
    textErrors: ({ text }) => turn((session) => session.textErrors(text)),
    tokenErrors: ({ row }) => turn((session) => session.tokenErrors(row)),
    save: ({ name, keepsLargest }) => turn((session) => session.save(name, keepsLargest)),
  }
}
