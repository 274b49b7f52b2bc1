import type { Command } from 'commander'
import type { CliContext } from '../../command.ts'
import { keyLines } from '../../key/key-lines.ts'
import { definePlace, type PlaceValues, parsePlace } from '../../key/place.ts'
import { withKeys } from '../../key/with-keys.ts'

export function define(command: Command): void {
  command.option('--json', 'print JSON instead of text')
  definePlace(command)
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const values = command.opts<PlaceValues & { json?: boolean }>()
  const keys = await withKeys(parsePlace(values, env), (ring) => ring.list())
  out(`${values.json ? JSON.stringify(keys, null, 2) : keyLines(keys).join('\n')}\n`)
}
