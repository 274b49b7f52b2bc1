import { WrittenNumber } from './written-number.ts'

/**
 * Levels of nesting, counted up to one past `most`; with a list of its own, as hostile JSON could exhaust the stack.
 */
export function nestingOf(value: unknown, most: number): number {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0 && depth <= most) {
    level = level.flatMap(partsOf)
    depth += 1
  }
  return depth
}

function partsOf(value: unknown): unknown[] {
  return value !== null && typeof value === 'object' && !(value instanceof WrittenNumber) ? Object.values(value) : []
}
