import * as z from 'zod/mini'
import { KEY_ID, KEY_STATUSES } from '#shared/api-key/api-key.ts'
import { SCOPES } from '#shared/api-key/scope.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { OperatorIn, StringFilter } from '#shared/contract/filter.ts'
import { InstantIn, InstantOut, maybe, NameIn, named, numeric, PageIn, withDefault } from '#shared/contract/wire.ts'

const tag = 'API keys'
/** Ten years; omit it for longer. */
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
/** Shown once: the service keeps only a hash of a key. */
export const NewApiKeyOut = named('NewApiKey', () => z.object({ ...apiKey, key: z.string() }))

export const createApiKey = endpoint({
  method: 'POST',
  path: '/api_keys/',
  scope: 'admin',
  tag,
  summary: 'Create an API key and return it once. A repeated request creates another key.',
  body: () =>
    named('ApiKeyCreateRequest', () =>
      z
        .object({
          name: NameIn,
          // A key with too few rights shows at its first refusal; one with too many shows when it has leaked.
          scope: withDefault(z.enum(SCOPES), 'work'),
          expires_at: maybe(InstantIn),
          expires_in_seconds: maybe(
            numeric(z.int().check(z.gt(0), z.lte(EXPIRES_SECONDS_MAX, 'must be at most ten years'))),
          ),
        })
        .check(
          z.refine(
            ({ expires_at, expires_in_seconds }) => expires_at === undefined || expires_in_seconds === undefined,
            {
              error: "can't be given together with expires_at",
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
  summary: 'List API keys, newest first, without their secrets. Expired and revoked keys are listed for 90 days.',
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
  summary: 'Revoke an API key immediately and permanently; a key cannot revoke itself.',
  params: () =>
    z.object({ id: z.string().check(z.regex(KEY_ID, 'must be the id of an API key: 18 hexadecimal digits')) }),
  status: 204,
})
