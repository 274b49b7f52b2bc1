/** Bytes of JSON as Python's `json.dumps` writes it without spaces: what is not ASCII takes six. */
export function pythonJsonBytes(value: unknown): number {
  const text = JSON.stringify(value)
  return text.length + 5 * (text.match(NOT_ASCII)?.length ?? 0)
}

// oxlint-disable-next-line no-control-regex -- all of ASCII is meant
const NOT_ASCII = /[^\u0000-\u007f]/g
