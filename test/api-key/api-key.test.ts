import { expect, it } from 'vitest'
import { isValidKey, keyStatus, newApiKey, parseAuthorization, parseKey } from '#shared/api-key/api-key.ts'

const settings = { name: 'ci', scope: 'work', created: 1, expires: null } as const
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

it('generates keys of 256 random bits with a recognizable prefix', () => {
  const { key, text } = newApiKey(settings)
  expect(text).toMatch(/^pp_[0-9a-f]{18}_[\w-]{43}$/)
  expect(parseKey(text)?.id).toBe(key.id)
  expect(Buffer.from(parseKey(text)?.secret ?? '', 'base64url')).toHaveLength(32)
  expect(JSON.stringify(key)).not.toContain(parseKey(text)?.secret)
  expect(newApiKey(settings).text).not.toBe(text)
})

it.each(['', 'pp_', 'pp_12_34', 'Bearer', 'xx_' + 'a'.repeat(18) + '_' + 'b'.repeat(43), 'pp_a_b_c', '\0'])(
  'does not parse %j as a key',
  (text) => expect(parseKey(text)).toBeUndefined(),
)

it('finds the key in a Bearer or Basic header, with or without a user', () => {
  const { text } = newApiKey(settings)
  const parsed = parseKey(text)
  for (const header of [`Bearer ${text}`, `bearer  ${text}`, basic(text), basic(`me:${text}`), basic(`a:b:${text}`)]) {
    expect(parseAuthorization(header)).toEqual(parsed)
  }
  for (const header of [
    undefined,
    '',
    'Bearer',
    text,
    `Digest ${text}`,
    basic(`${text}:`),
    'Basic %%%',
    'Bearer null',
  ]) {
    expect(parseAuthorization(header)).toBeUndefined()
  }
})

it('is valid with its own secret, until it expires or is revoked', () => {
  const { key, text } = newApiKey({ ...settings, expires: 100 })
  const presented = parseKey(text)
  const other = parseKey(newApiKey(settings).text)
  if (!presented || !other) throw new Error('no key')
  expect(isValidKey(key, presented, 99)).toBe(true)
  expect(isValidKey(key, presented, 100)).toBe(false)
  expect(isValidKey({ ...key, revoked: 50 }, presented, 99)).toBe(false)
  expect(isValidKey(key, { ...other, id: key.id }, 99)).toBe(false)
  expect(isValidKey(undefined, presented, 99)).toBe(false)
  expect(isValidKey(undefined, { id: 'x', secret: '' }, 99)).toBe(false)
})

it.each([
  [null, null, 'ACTIVE'],
  [11, null, 'ACTIVE'],
  [10, null, 'EXPIRED'],
  [11, 5, 'REVOKED'],
  [9, 5, 'REVOKED'],
] as const)('a key that expires at %s and was revoked at %s is %s at 10', (expires, revoked, status) => {
  expect(keyStatus({ expires, revoked }, 10)).toBe(status)
})
