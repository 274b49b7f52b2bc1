import { describe, expect, it } from 'vitest'
import { newApiKey } from '#shared/api-key/api-key.ts'
import { parseOptions } from '../../cli/key/options.ts'

const ID = '0123456789abcdef01'
const read = (line: string, env: Record<string, string> = {}) => parseOptions(line.split(' '), env)
const refusal = (line: string, env: Record<string, string> = {}) => {
  try {
    read(line, env)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the command line for keys', () => {
  it.each([
    ['create --name ci', { name: 'ci' }],
    ['create --name ci --scope admin', { name: 'ci', scope: 'admin' }],
    ['create --name ci --expires 90d', { name: 'ci', expires_in_seconds: 90 * 86_400 }],
    ['create --name ci --expires=12h', { name: 'ci', expires_in_seconds: 12 * 3_600 }],
    ['create --name ci --expires 30m', { name: 'ci', expires_in_seconds: 1_800 }],
    ['create --name ci --expires 2030-01-31', { name: 'ci', expires_at: '2030-01-31T00:00:00.000000Z' }],
  ])('%s', (line, wish) => {
    expect(read(line)).toMatchObject({ act: { kind: 'create', wish } })
  })

  it.each([
    ['list', {}, { kind: 'api', url: 'http://127.0.0.1:4200/api', apiKey: undefined }],
    ['list', { PREFECT_API_URL: 'https://p/api' }, { kind: 'api', url: 'https://p/api' }],
    ['list', { PUSHPOOL_API_URL: 'https://q/api/', PREFECT_API_URL: 'https://p/api' }, { url: 'https://q/api' }],
    [
      'list --url http://x/api',
      { PUSHPOOL_API_URL: 'https://q/api', PUSHPOOL_API_KEY: 'k' },
      { url: 'http://x/api', apiKey: 'k' },
    ],
    ['list --table t', { PUSHPOOL_API_URL: 'https://q/api' }, { kind: 'table', tableName: 't', region: undefined }],
    ['list --table t --region eu-west-1', {}, { kind: 'table', tableName: 't', region: 'eu-west-1' }],
    [
      'list --data d',
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://e' },
      { kind: 'folder', dataDir: 'd', dynamoDbEndpoint: 'http://e' },
    ],
  ])('%s with %j looks in the right place', (line, env, place) => {
    expect(read(line, env)).toMatchObject({ place })
  })

  it.each([
    ['', "Say what to do: 'create', 'list' or 'revoke'."],
    ['destroy', "Say what to do: 'create', 'list' or 'revoke'."],
    ['create', "'create' needs a --name."],
    ['create --name a/b', '--name: must not contain any of / % & > <.'],
    ['create --name ci --scope root', "'root' is no scope: work, operate, admin are."],
    ['create --name ci --expires soon', "--expires takes 90d, 12h, 30m or a time such as 2030-01-31, not 'soon'."],
    ['create --name ci --expires 0d', '--expires: Too small: expected number to be >0.'],
    ['create --name ci --expires 9999d', '--expires: must be ten years at most.'],
    ['create ci --name ci', 'There is a word too many.'],
    ['list --name ci', "Only 'create' takes --name."],
    ['list --table t --url http://x', 'Only one of --url, --table and --data can be meant.'],
    ['list --region eu-west-1', '--region goes with --table.'],
    ['list --url localhost:4200', "'localhost:4200' is no http or https URL."],
    [`revoke ${ID} ${ID}`, 'There is a word too many.'],
  ])('%j is refused: %s', (line, words) => {
    expect(refusal(line)).toBe(words)
  })

  it('revokes by the id alone, and shows no key that is given in its place', () => {
    expect(read(`revoke ${ID}`)).toMatchObject({ act: { kind: 'revoke', keyId: ID } })
    const { text } = newApiKey({ name: 'k', scope: 'work', created: 1, expires: null })
    for (const line of ['revoke', `revoke ${text}`]) {
      expect(refusal(line)).toBe("'revoke' takes the id of a key, 18 hexadecimal digits as 'list' shows them.")
    }
  })
})
