import { styleText } from 'node:util'
import type { Log } from '#shared/deps.ts'

type Level = 'info' | 'warn' | 'error'

const NAMES = { info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const
/** Prefect's, so that columns stand where its users look for them. */
const NAME_WIDTH = 7
const COLOURS = { info: 'cyan', warn: 'yellow', error: 'red' } as const

export interface LogFormat {
  format: 'text' | 'json'
  /** Who speaks, such as `pushpool.agent`. */
  logger: string
  write: (line: string) => void
}

/** A log as Prefect's agents write it, `08:31:57.197 | INFO    | pushpool.agent - Created …`, or as JSON, a line each. */
export function logLines({ format, logger, write }: LogFormat): Log {
  const lineOf = format === 'json' ? jsonLine : textLine
  const at =
    (level: Level) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      write(`${lineOf({ level, logger, message }, fields)}\n`)
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

interface Entry {
  level: Level
  logger: string
  message: string
}

function textLine({ level, logger, message }: Entry, fields: Record<string, unknown>): string {
  const now = new Date()
  const time = `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}`
  const words = Object.entries(fields).map(([name, value]) => `  ${name}=${shown(value)}`)
  return `${time} | ${coloured(level, NAMES[level].padEnd(NAME_WIDTH))} | ${logger} - ${message}${words.join('')}`
}

function jsonLine({ level, logger, message }: Entry, fields: Record<string, unknown>): string {
  return JSON.stringify({ time: new Date().toISOString(), level, logger, message, ...fields })
}

/** Node leaves colours out where the stream is no terminal, and where NO_COLOR says so. */
function coloured(level: Level, text: string): string {
  return styleText(COLOURS[level], text, { stream: process.stderr })
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
