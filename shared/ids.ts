import { createHash, randomBytes } from 'node:crypto'

/** Namespace of every id that is derived from a name; changing it would orphan all stored names. */
const NAMESPACE = Buffer.from('7b7f3c0a52d24a6cb1f0a3a7d9f1c5e2', 'hex')
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** True for the 8-4-4-4-12 form, in any version and letter case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** The id of a thing that is unique by name (UUIDv5, RFC 9562 §5.5): the same parts always give the same id. */
export function idFromName(kind: string, ...parts: string[]): string {
  const hash = createHash('sha1').update(NAMESPACE)
  // JSON keeps ('a','bc') and ('ab','c') apart, whatever characters the names hold.
  hash.update(JSON.stringify([kind, ...parts]))
  return format(hash.digest().subarray(0, 16), 5)
}

/** A time-ordered id (UUIDv7, RFC 9562 §5.7) for the given epoch milliseconds. */
export function timeOrderedId(epochMs: number, random: Uint8Array = randomBytes(10)): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(epochMs, 0, 6)
  bytes.set(random.subarray(0, 10), 6)
  return format(bytes, 7)
}

function format(bytes: Uint8Array, version: number): string {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(((copy[6] ?? 0) & 0x0f) | (version << 4), 6)
  copy.writeUInt8(((copy[8] ?? 0) & 0x3f) | 0x80, 8)
  const hex = copy.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
