import { UsageError } from './usage-error.ts'

const SECONDS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const
const UNITS = Object.keys(SECONDS) as (keyof typeof SECONDS)[]
const NUMBER = '(\\d{1,9}(?:\\.\\d{1,3})?)'
const DURATION = new RegExp(`^${UNITS.map((unit) => `(?:${NUMBER}${unit})?`).join('')}$`)
const PLAIN = new RegExp(`^${NUMBER}$`)

/** The seconds of `5m`, `30s`, `1h30m` or `90`, which are seconds. Throws UsageError, which names the option. */
export function parseDuration(option: string, text: string): number {
  const plain = PLAIN.exec(text)?.[1]
  if (plain !== undefined) return Number(plain)
  const parts = text === '' ? null : DURATION.exec(text)
  if (!parts) throw new UsageError(`Invalid ${option} '${text}' (a duration such as 90, 30s, 5m or 1h30m).`)
  return UNITS.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * SECONDS[unit], 0)
}

/** A duration as parseDuration takes it, to the second. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(seconds)
  const words = UNITS.flatMap((unit) => {
    const amount = Math.floor(rest / SECONDS[unit])
    rest -= amount * SECONDS[unit]
    return amount > 0 ? [`${amount}${unit}`] : []
  })
  return words.join('') || '0s'
}
