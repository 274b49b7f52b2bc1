import type { Row } from '../workload.ts'
import { rounded } from './statistics.ts'

/** Rows as text, numbers to the right; a row may lack columns that others have. */
export function textTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])))
  const isNumber = columns.map((column) => rows.every((row) => typeof (row[column] ?? 0) === 'number'))
  const widths = columns.map((column, at) => Math.max(column.length, ...cells.map((line) => line[at]?.length ?? 0)))
  const line = (parts: readonly string[]) =>
    parts.map((part, at) => (isNumber[at] ? part.padStart(widths[at] ?? 0) : part.padEnd(widths[at] ?? 0))).join('  ')
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)]
    .map((text) => text.trimEnd())
    .join('\n')
}

function cellOf(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return Number.isNaN(value) ? '–' : rounded(value).toLocaleString('en-US')
}
