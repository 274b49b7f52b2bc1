import type { Command } from 'commander'
import { agentTable } from '../../agent/agent-lines.ts'
import { type ApiValues, withApi } from '../../agent/api-client.ts'
import type { ListedAgent } from '../../agent/find-agent.ts'
import { defineOutput, wantsJson } from '../../agent/output-format.ts'
import { defineApi } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'

const EXAMPLES = `
Examples:
  pushpool agent ls
  pushpool agent ls -p machines -o json`

export function define(command: Command): void {
  command
    .description('Lists agents with what they hold and when they were seen last.')
    .option('-p, --pool <name>', 'of one work pool')
    .addHelpText('after', EXAMPLES)
  defineApi(defineOutput(command))
}

export async function run(command: Command, { env, out }: CliContext): Promise<void> {
  const values = command.opts<ApiValues & { output?: string; pool?: string }>()
  const json = wantsJson(values.output)
  const filter = values.pool === undefined ? {} : { agents: { work_pool_name: { any_: [values.pool] } } }
  const agents = await withApi(values, env, async (client) => {
    const listed: ListedAgent[] = []
    for await (const agent of client.listAgents.each(filter)) listed.push(agent)
    return listed
  })
  out(`${json ? JSON.stringify(agents, null, 2) : agentTable(agents, Date.now())}\n`)
}
