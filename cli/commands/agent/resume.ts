import type { Command } from 'commander'
import { type ApiValues, withApi } from '../../agent/api-client.ts'
import { findAgent } from '../../agent/find-agent.ts'
import { defineApi } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'

const EXAMPLES = `
Examples:
  pushpool agent resume host-a`

export function define(command: Command): void {
  command
    .description('Ends the pause of an agent.')
    .argument('<agent>', 'its name or id')
    .addHelpText('after', EXAMPLES)
  defineApi(command)
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const { name } = await withApi(command.opts<ApiValues>(), env, async (client) => {
    const agent = await findAgent(client, command.args[0] ?? '')
    await client.resumeAgent({ id: agent.id })
    return agent
  })
  out(`Resumed agent '${name}'\n`)
}
