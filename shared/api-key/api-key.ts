import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Instant } from '#shared/instant.ts'
import type { Scope } from './scope.ts'

/** A stored key: never its secret, only the secret's hash. */
export interface ApiKey {
  id: string
  /** Who or what the key is for, for people. */
  name: string
  scope: Scope
  /** SHA-256 of the secret, in hexadecimal. The secret is 256 random bits, so no slow hash is needed. */
  secretHash: string
  created: Instant
  /** null for a key that does not expire. */
  expires: Instant | null
  revoked: Instant | null
}

/** The parts of a key's text, `pp_<id>_<secret>`. The prefix lets secret scanners find keys that leaked. */
export interface PresentedKey {
  id: string
  secret: string
}

export const KEY_STATUSES = ['ACTIVE', 'EXPIRED', 'REVOKED'] as const
export type KeyStatus = (typeof KEY_STATUSES)[number]

/** The form of a key's id. */
export const KEY_ID = /^[0-9a-f]{18}$/
const ID_BYTES = 9
const SECRET_BYTES = 32
/** Base64url of that many bytes, without the characters that separate the parts. */
const KEY = /^pp_([0-9a-f]{18})_([\w-]{43})$/

/** Creates a key; its text is shown once and never stored. */
export function newApiKey(settings: Pick<ApiKey, 'name' | 'scope' | 'created' | 'expires'>): {
  key: ApiKey
  text: string
} {
  const id = randomBytes(ID_BYTES).toString('hex')
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  return { key: { ...settings, id, secretHash: hashSecret(secret), revoked: null }, text: `pp_${id}_${secret}` }
}

/** Parses a key's text; undefined for anything else. */
export function parseKey(text: string): PresentedKey | undefined {
  const [, id, secret] = KEY.exec(text) ?? []
  return id && secret ? { id, secret } : undefined
}

/** The key in an Authorization header: `Bearer <key>`, or `Basic` with the key as password or alone. */
export function parseAuthorization(header: string | undefined): PresentedKey | undefined {
  const [scheme, value] = (header ?? '').trim().split(/\s+/, 2)
  if (!scheme || !value) return undefined
  if (scheme.toLowerCase() === 'bearer') return parseKey(value)
  if (scheme.toLowerCase() !== 'basic') return undefined
  const text = Buffer.from(value, 'base64').toString()
  // No key holds a colon, so what follows the last one is the key.
  return parseKey(text.slice(text.lastIndexOf(':') + 1))
}

/** SHA-256 in hexadecimal, as keys are stored. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** The stand-in for an unknown key, so that an unknown id takes as long as a wrong secret. */
const NO_HASH = hashSecret('')

/** Whether a key may still be used, computed on read. */
export function keyStatus({ revoked, expires }: Pick<ApiKey, 'revoked' | 'expires'>, now: Instant): KeyStatus {
  if (revoked !== null) return 'REVOKED'
  return expires === null || now < expires ? 'ACTIVE' : 'EXPIRED'
}

/**
 * Whether the secret is the key's and the key is in force. The comparison takes constant time and always runs, so the
 * answer does not reveal which check failed.
 */
export function isValidKey(key: ApiKey | undefined, presented: PresentedKey, now: Instant): boolean {
  const expected = Buffer.from(key?.secretHash ?? NO_HASH, 'hex')
  const actual = Buffer.from(hashSecret(presented.secret), 'hex')
  const same = expected.length === actual.length && timingSafeEqual(expected, actual)
  return same && key !== undefined && keyStatus(key, now) === 'ACTIVE'
}
