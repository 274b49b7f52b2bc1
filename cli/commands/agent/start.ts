import type { Command } from 'commander'
import { parseAgentSettings } from '../../agent/settings.ts'
import { type AgentValues, defineAgent } from '../../agent/start-values.ts'
import type { CliContext } from '../../command.ts'

const MORE = `
Without --api and a variable that names the API, it uses the service on this machine, and starts one if there is none.
The first SIGTERM or SIGINT has it finish its runs and exit; a second, or SIGQUIT, ends them at once.

Examples:
  pushpool agent start -q prio1 -q prio2 --limit 4
  pushpool agent start -p machines --limit-per-flow 1 --exit-when-idle 10m
  pushpool agent start -q solver --cpu 16 --memory 64GiB --drain-timeout 30m --health-addr 127.0.0.1:8089

Exit codes:
  0 ended as asked   3 pool not found   5 its identity runs elsewhere   130 ended at once
  1 failed           4 key refused      75 stuck, start it again`

export function define(command: Command): void {
  command.description('Takes runs from work queues and runs them on this host.').addHelpText('after', MORE)
  defineAgent(command)
}

export async function run(command: Command, context: CliContext): Promise<number> {
  const settings = parseAgentSettings(command.opts<AgentValues>(), command.args[0], context.env)
  const { leave, runAgent } = await import('../../agent/run-agent.ts')
  return await leave(await runAgent(settings, context))
}
