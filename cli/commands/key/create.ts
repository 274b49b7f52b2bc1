import type { Command } from 'commander'
import type { CliContext } from '../../command.ts'
import type { KeyValues } from '../../key/key-input.ts'
import { keyNote } from '../../key/key-lines.ts'
import { definePlace, type PlaceValues, parsePlace } from '../../key/place.ts'
import { withKeys } from '../../key/with-keys.ts'
import { UsageError } from '../../usage-error.ts'

const SCOPES = `
Scopes:
  work     what workers, agents and flows need
  operate  also runs, deployments and queues
  admin    also work pools and API keys`

export function define(command: Command): void {
  command
    .description('Creates an API key and prints only the key to standard output. It is not shown again.')
    // Not a requiredOption: commander would report it missing before it reports that another option was mistyped.
    .option('--name <name>', 'who or what the key is for')
    .option('--scope <scope>', 'work, operate or admin (default: work)')
    .option('--expires <when>', 'after 90d, 12h or 30m, or at a time such as 2030-01-31 (default: never)')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', SCOPES)
  definePlace(command)
}

export async function run(command: Command, { env, out, err }: CliContext): Promise<void> {
  const values = command.opts<Partial<KeyValues> & PlaceValues & { json?: boolean }>()
  const { name } = values
  if (name === undefined) throw new UsageError("Required option '--name <name>' not specified.")
  const place = parsePlace(values, env)
  const { parseKeyInput } = await import('../../key/key-input.ts')
  const input = parseKeyInput({ ...values, name })
  const key = await withKeys(place, (keys) => keys.create(input))
  out(`${values.json ? JSON.stringify(key, null, 2) : key.key}\n`)
  err(`${keyNote(key)}\n`)
}
