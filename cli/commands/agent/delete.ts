import type { Command } from 'commander'
import { type ApiValues, withApi } from '../../agent/api-client.ts'
import { findAgent } from '../../agent/find-agent.ts'
import { defineApi } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'

const EXAMPLES = `
Examples:
  pushpool agent delete host-a`

export function define(command: Command): void {
  command
    .description('Forgets an agent. What it holds ends with its lease; one that still runs comes back.')
    .argument('<agent>', 'its name or id')
    .addHelpText('after', EXAMPLES)
  defineApi(command)
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const { name } = await withApi(command.opts<ApiValues>(), env, async (client) => {
    const agent = await findAgent(client, command.args[0] ?? '')
    await client.deleteAgent({ id: agent.id })
    return agent
  })
  out(`Deleted agent '${name}'\n`)
}
