/** Seconds as a person says them: "4 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 10) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** "about 3 min left"; nothing while it is not known. */
export const timeLeft = (seconds: number | null): string =>
  seconds === null || !Number.isFinite(seconds) ? '' : `${duration(seconds)} left`

/** An ISO date in the reader's day: "14:05" today, "12 Mar 14:05" this year, "12 Mar 2024" before. */
export function when(iso: string, now = new Date()): string {
  const date = new Date(iso)
  const clock = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (date.toDateString() === now.toDateString()) return clock
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return date.getFullYear() === now.getFullYear() ? `${day} ${clock}` : `${day} ${date.getFullYear()}`
}
