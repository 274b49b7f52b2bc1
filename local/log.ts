import type { Log, Metrics } from '#shared/deps.ts'

type Level = 'info' | 'warn' | 'error'
type Fields = Record<string, unknown>

/** Log lines for people (`12:00:01 info  pool dispatched  poolId=…`), or as JSON for programs. */
export function createLog(format: 'text' | 'json', write: (line: string) => void): Log {
  const line = format === 'json' ? jsonLine : textLine
  const at = (level: Level) => (message: string, fields?: Fields) => write(`${line(level, message, fields)}\n`)
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

function jsonLine(level: Level, message: string, fields: Fields = {}): string {
  return JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })
}

function textLine(level: Level, message: string, fields: Fields = {}): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== 0)
  const words = shown.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const time = new Date().toTimeString().slice(0, 8)
  return [`${time} ${level.padEnd(5)} ${message}`, ...words].join('  ')
}

/** Figures kept in memory. */
export class LocalMetrics implements Metrics {
  readonly counts = new Map<string, number>()
  readonly longest = new Map<string, number>()
  count(name: string, value: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value)
  }
  seconds(name: string, value: number): void {
    this.longest.set(name, Math.max(this.longest.get(name) ?? 0, value))
  }
}
