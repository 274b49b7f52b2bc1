import type { JobProblem } from './job.ts'

/**
 * Values that look like AWS keys or private keys. ECS shows job variables to anyone who may describe a task, and go
 * into events and audit logs, so a secret must never be one.
 */
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/
const ACCESS_KEY_ID = /(?<![A-Z0-9])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Z0-9])/
const SEPARATORS = /[\s"'=,;:]+/
const SECRET_KEY = /^[A-Za-z0-9/+]{40}$/
/** Of 40 random characters out of 64, fewer than these differ once in 1,000 times; in paths and words they mostly do. */
const DIFFERENT_MIN = 24
const SLASHES_MAX = 4
const DEPTH_MAX = 64

/** Names of variables that hold nothing but secrets. */
const SECRET_NAMES = new Set(['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])

/** The path of the first value that looks like a secret, and what it looks like; undefined when none does. */
export function findSecret(value: unknown, path: string[] = []): { path: string[]; looksLike: string } | undefined {
  if (path.length > DEPTH_MAX) return undefined
  if (typeof value === 'string') {
    const looksLike = secretShape(value, path.at(-1))
    return looksLike ? { path, looksLike } : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, member] of Object.entries(value)) {
    const found = findSecret(member, [...path, name])
    if (found) return found
  }
  return undefined
}

/** The message about the first value that looks like a secret; undefined when none does. */
export function secretProblem(value: unknown): JobProblem | undefined {
  const found = findSecret(value)
  if (!found) return undefined
  const msg = `looks like ${found.looksLike}; keep it in Secrets Manager and let the task read it from there`
  return { variable: found.path.join('.'), msg }
}

function secretShape(text: string, name: string | undefined): string | undefined {
  if (name && SECRET_NAMES.has(name.toUpperCase()) && text !== '') return 'an AWS secret'
  if (PRIVATE_KEY.test(text)) return 'a private key'
  if (ACCESS_KEY_ID.test(text)) return 'an AWS access key'
  return text.split(SEPARATORS).some(isSecretKey) ? 'an AWS secret key' : undefined
}

/** Secret keys are 40 random characters; digests in hexadecimal, which are as long, have no capital letters. */
function isSecretKey(word: string): boolean {
  if (!SECRET_KEY.test(word) || !/[A-Z]/.test(word) || !/[a-z]/.test(word) || !/\d/.test(word)) return false
  return new Set(word).size >= DIFFERENT_MIN && word.split('/').length - 1 <= SLASHES_MAX
}
