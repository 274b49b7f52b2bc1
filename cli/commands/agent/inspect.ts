import type { Command } from 'commander'
import { agentDetail } from '../../agent/agent-lines.ts'
import { type ApiValues, withApi } from '../../agent/api-client.ts'
import { findAgent } from '../../agent/find-agent.ts'
import { defineOutput, wantsJson } from '../../agent/output-format.ts'
import { defineApi } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'

const EXAMPLES = `
Examples:
  pushpool agent inspect host-a
  pushpool agent inspect host-a -o json`

export function define(command: Command): void {
  command.argument('<agent>', 'its name or id').addHelpText('after', EXAMPLES)
  defineApi(defineOutput(command))
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const values = command.opts<ApiValues & { output?: string }>()
  const json = wantsJson(values.output)
  const agent = await withApi(values, env, (client) => findAgent(client, command.args[0] ?? ''))
  out(`${json ? JSON.stringify(agent, null, 2) : agentDetail(agent, Date.now())}\n`)
}
