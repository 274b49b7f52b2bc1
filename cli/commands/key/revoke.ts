import type { Command } from 'commander'
import { KEY_ID } from '#shared/api-key/api-key.ts'
import type { CliContext } from '../../command.ts'
import { definePlace, type PlaceValues, parsePlace } from '../../key/place.ts'
import { withKeys } from '../../key/with-keys.ts'
import { UsageError } from '../../usage-error.ts'

export function define(command: Command): void {
  command.argument('<id>', "the key's id, as pushpool key list shows it")
  definePlace(command)
}

export async function run(command: Command, { env, err }: CliContext): Promise<void> {
  const [keyId = ''] = command.args
  // The argument may be a key, and must not be shown.
  if (!KEY_ID.test(keyId)) throw new UsageError("Invalid key id (18 hexadecimal digits, as 'pushpool key list' shows).")
  await withKeys(parsePlace(command.opts<PlaceValues>(), env), (keys) => keys.revoke(keyId))
  err(`Key ${keyId} is revoked.\n`)
}
