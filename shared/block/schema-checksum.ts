import { createHash } from 'node:crypto'
import { isRecord } from '#shared/json/is-record.ts'
import { isNumber } from '#shared/json/written-number.ts'
import { pythonRepr } from '#shared/template/python-text.ts'

type JsonObject = Record<string, unknown>

/**
 * The checksum of a block schema's fields, equal to that of Prefect's clients, which ask for a schema by it
 * (`Block._calculate_schema_checksum`): SHA-256 of Python's JSON with sorted keys, leaving out `secret_fields` and the
 * definitions of other blocks.
 */
export function schemaChecksum(fields: unknown): string {
  const kept = withoutSecretFields(fields)
  const content = hasMembers(kept) && hasMembers(kept.definitions) ? withoutBlocks(kept, kept.definitions) : kept
  // Prefect hashes a call's arguments: the fields, and no named ones.
  return `sha256:${createHash('sha256')
    .update(`[[${pythonJson(content)}], {}]`)
    .digest('hex')}`
}

/** Definitions that are empty don't count, as they are false to Python. */
function withoutBlocks(fields: JsonObject, definitions: JsonObject): JsonObject {
  const referenced = new Set(referencesIn(fields).map((reference) => reference.replaceAll('#/definitions/', '')))
  const ofNoBlock = Object.entries(definitions).filter(
    ([name, each]) => referenced.has(name) && hasMembers(each) && (each.block_type_slug ?? null) === null,
  )
  const { definitions: _, ...rest } = fields
  return ofNoBlock.length > 0 ? { ...rest, definitions: Object.fromEntries(ofNoBlock) } : rest
}

function hasMembers(value: unknown): value is JsonObject {
  return isRecord(value) && Object.keys(value).length > 0
}

/** In objects only; what lists hold is left as it is (Prefect's `remove_nested_keys`). */
function withoutSecretFields(value: unknown): unknown {
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'secret_fields')
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutSecretFields(each)]))
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (!isRecord(value)) return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

/** JSON as Python's `json.dumps(…, sort_keys=True)` writes it: a space after each comma and colon, and ASCII alone. */
function pythonJson(value: unknown): string {
  // Where `repr` has `inf`.
  if (isNumber(value)) return pythonRepr(value).replace('inf', 'Infinity')
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (isRecord(value)) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([name, each]) => `${pythonJson(name)}: ${pythonJson(each)}`).join(', ')}}`
  }
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}
