import * as z from 'zod/mini'
import { KEY_ID, KEY_STATUSES } from '#shared/api-key/api-key.ts'
import { SCOPES } from '#shared/api-key/scope.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { OperatorIn, StringFilter } from '#shared/contract/filter.ts'
import { InstantIn, InstantOut, maybe, NameIn, named, PageIn, withDefault } from '#shared/contract/wire.ts'

const tag = 'API keys'
/** Ten years; whoever wants longer leaves it out. */
const EXPIRES_SECONDS_MAX = 10 * 365 * 86_400

const apiKey = {
  id: z.string(),
  name: z.string(),
  scope: z.enum(SCOPES),
  status: z.enum(KEY_STATUSES),
  created: InstantOut,
  expires_at: z.nullable(InstantOut),
  revoked_at: z.nullable(InstantOut),
}
export const ApiKeyOut = named('ApiKey', () => z.object(apiKey))
/** Shown once: the service keeps no more of a key than a hash. */
export const NewApiKeyOut = named('NewApiKey', () => z.object({ ...apiKey, key: z.string() }))

export const createApiKey = endpoint({
  method: 'POST',
  path: '/api_keys/',
  scope: 'admin',
  tag,
  summary: 'Create an API key and show it, this once. A repeated request creates another one.',
  body: () =>
    named('ApiKeyCreateRequest', () =>
      z
        .object({
          name: NameIn,
          // A key that may do too little says so at its first refusal; one that may do too much says so when it has leaked.
          scope: withDefault(z.enum(SCOPES), 'work'),
          expires_at: maybe(InstantIn),
          expires_in_seconds: maybe(z.int().check(z.gt(0), z.lte(EXPIRES_SECONDS_MAX, 'must be ten years at most'))),
        })
        .check(
          z.refine(
            ({ expires_at, expires_in_seconds }) => expires_at === undefined || expires_in_seconds === undefined,
            {
              error: 'can not be given together with expires_at',
              path: ['expires_in_seconds'],
            },
          ),
        ),
    ),
  reply: () => NewApiKeyOut,
  status: 201,
})

export const listApiKeys = endpoint({
  method: 'POST',
  path: '/api_keys/filter',
  scope: 'admin',
  tag,
  summary: 'List API keys, the newest first; never their text. Keys that ended are listed for 90 days.',
  body: () =>
    named('ApiKeyListRequest', () =>
      z.object({
        api_keys: maybe(
          named('ApiKeyFilter', () =>
            z.object({
              operator: OperatorIn,
              id: StringFilter,
              name: StringFilter,
              scope: StringFilter,
              status: StringFilter,
            }),
          ),
        ),
        ...PageIn,
      }),
    ),
  reply: () => z.array(ApiKeyOut),
  status: 200,
})

export const revokeApiKey = endpoint({
  method: 'DELETE',
  path: '/api_keys/:id',
  scope: 'admin',
  tag,
  summary: 'Revoke an API key at once and for good; not the key that the request itself is made with.',
  params: () =>
    z.object({ id: z.string().check(z.regex(KEY_ID, 'must be the id of an API key: 18 hexadecimal digits')) }),
  status: 204,
})
