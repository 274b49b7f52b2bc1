/** True for a JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Levels of nesting, counted up to one past `most`; with a list of its own, as hostile JSON could exhaust the stack.
 */
export function nestingOf(value: unknown, most: number): number {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0 && depth <= most) {
    level = level.flatMap((each) => (each !== null && typeof each === 'object' ? Object.values(each) : []))
    depth += 1
  }
  return depth
}

/** Bytes of JSON as Python's `json.dumps` writes it without spaces: what is not ASCII takes six. */
export function pythonJsonBytes(value: unknown): number {
  const text = JSON.stringify(value)
  return text.length + 5 * (text.match(NOT_ASCII)?.length ?? 0)
}

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const NOT_ASCII = /[^\u0000-\u007f]/g
