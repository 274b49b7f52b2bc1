import * as z from 'zod/mini'
import * as contract from '#shared/contract/api-key/api-key.ts'
import type { Log } from '#shared/deps.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { revokeApiKey } from '#shared/engine/api-key/revoke-api-key.ts'
import { listApiKeys } from '#shared/storage/api-key/list-api-keys.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { apiKeyView } from '../../functions/api/views/api-key.ts'
import { systemClock } from '../../functions/runtime/system.ts'
import type { KeyRing } from './key-ring.ts'

/** The command's output is its log. */
const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** The keys in a table, by the verbs that the API itself uses. */
export function keysInTable(table: Table, close: () => Promise<void>): KeyRing {
  const deps = { table, clock: systemClock, log: quiet }
  return {
    create: async (input) => {
      const { name, scope, expires_at, expires_in_seconds } = z.parse(contract.createApiKey.body, input)
      const ends = { expiresAt: expires_at, expiresInSeconds: expires_in_seconds }
      const { key, text } = await createApiKey(deps, { name, scope, ...ends }, null)
      return { ...apiKeyView(key, key.created), key: text }
    },
    list: async () => {
      const now = systemClock.now()
      return (await listApiKeys(table)).map((key) => apiKeyView(key, now))
    },
    revoke: (keyId) => revokeApiKey(deps, keyId, null),
    close,
  }
}

/** The keys in a stack's table, reached with the caller's AWS credentials. */
export function keysOnAws({ tableName, region }: { tableName: string; region: string | undefined }): KeyRing {
  const table = openTable({ tableName, region })
  const keys = keysInTable(table, () => Promise.resolve(table.client.destroy()))
  const explained = (error: unknown): never => {
    throw new Error(sentenceOf(error as Error, tableName))
  }
  // The first key is often the first thing in a table, which would not look new any more.
  const open = () => openFormat(table, 'use the version that the stack was deployed with')
  return {
    create: (input) =>
      open()
        .then(() => keys.create(input))
        .catch(explained),
    list: () =>
      open()
        .then(() => keys.list())
        .catch(explained),
    revoke: (keyId) =>
      open()
        .then(() => keys.revoke(keyId))
        .catch(explained),
    close: () => keys.close(),
  }
}

/** AWS's error in words that say what to do. */
function sentenceOf({ name, message }: Error, tableName: string): string {
  if (name === 'CredentialsProviderError') return `No AWS credentials: ${message}`
  if (message === 'Region is missing') return "Set the table's region with --region or AWS_REGION."
  if (name === 'ResourceNotFoundException') {
    return `Table '${tableName}' not found in this account and region; the stack output TableName holds its name.`
  }
  return name.endsWith('Exception') ? `${name}: ${message}` : message
}
