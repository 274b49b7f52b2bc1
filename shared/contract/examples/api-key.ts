import type * as contract from '#shared/contract/api-key/api-key.ts'
import type { ExamplesOf } from './example.ts'
import { CREATED } from './story.ts'

const apiKey = {
  id: '4f1c9a7e2b8d3056e1',
  name: 'etl-workers',
  scope: 'work',
  status: 'ACTIVE',
  created: CREATED,
  expires_at: '2026-04-15T08:00:00.000000Z',
  revoked_at: null,
} as const

export const apiKeyExamples = {
  createApiKey: {
    body: { name: 'etl-workers', scope: 'work', expires_in_seconds: 7_776_000 },
    // No key of any service: the secret of a real one is 43 characters of chance.
    reply: { ...apiKey, key: 'pp_4f1c9a7e2b8d3056e1_this-is-shown-once' },
  },
  listApiKeys: { body: { api_keys: { status: { any_: ['ACTIVE'] } }, limit: 50, offset: 0 }, reply: [apiKey] },
  revokeApiKey: {},
} satisfies ExamplesOf<typeof contract>
