import { WrittenNumber } from './written-number.ts'

/** True for a JSON object: neither null nor an array, nor a number that is kept as it was written. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
}
