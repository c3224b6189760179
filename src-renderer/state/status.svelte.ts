/** The left of the status line: what the numbers on screen were measured on. A view sets it, and clears it when it goes. */
class Status {
  note = $state('')
}
export const status = new Status()
