import type { Command } from 'commander'
import { type ApiValues, withApi } from '../../agent/api-client.ts'
import { findAgent } from '../../agent/find-agent.ts'
import { defineApi } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'
import { parseDuration } from '../../duration.ts'

const EXAMPLES = `
Examples:
  pushpool agent pause host-a --for 30m --note "new disk"
  pushpool agent pause host-a`

export function define(command: Command): void {
  command
    .description('Hands nothing more to an agent until it is resumed; what it holds goes on.')
    .argument('<agent>', 'its name or id')
    .option('--for <duration>', 'resume it by itself after so long, such as 30m')
    .option('--note <text>', 'why, for those who look')
    .addHelpText('after', EXAMPLES)
  defineApi(command)
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const values = command.opts<ApiValues & { for?: string; note?: string }>()
  const pause = {
    ...(values.for === undefined ? {} : { for_seconds: parseDuration('--for', values.for) }),
    ...(values.note === undefined ? {} : { note: values.note }),
  }
  const { name, paused } = await withApi(values, env, async (client) => {
    const { id } = await findAgent(client, command.args[0] ?? '')
    return await client.pauseAgent({ id }, pause)
  })
  const until = paused?.until ? ` until ${paused.until.slice(0, 19).replace('T', ' ')} UTC` : ''
  out(`Paused agent '${name}'${until}\n`)
}
