import type { Command } from 'commander'
import type { CliContext } from '../command.ts'
import { DATA_DEFAULT, PORT_DEFAULT, parseStartOptions, type StartValues } from '../start/start-options.ts'

const ENVIRONMENT = `
Environment:
  PUSHPOOL_TASK_API_KEY=<key>      the API key of tasks, which find it as PREFECT_API_KEY and PUSHPOOL_API_KEY
  PUSHPOOL_LOG=json                log lines as JSON
  DYNOXIDE_BIN=<file>              another dynoxide binary
  AWS_ENDPOINT_URL_DYNAMODB=<url>  another DynamoDB-compatible engine; none is started then`

export function define(command: Command): void {
  command
    .description('Runs pushpool on this machine: its API on loopback, its ECS tasks as child processes.')
    .option('--port <port>', `port to listen on; 0 takes a free one (PORT; default ${PORT_DEFAULT})`)
    .option('--data <folder>', `where everything is kept (PUSHPOOL_DATA; default ./${DATA_DEFAULT})`)
    .option('--require-keys', 'require an API key; pushpool key create makes one (PUSHPOOL_REQUIRE_KEYS=true)')
    .addHelpText('after', ENVIRONMENT)
}

export async function run(command: Command, { env }: CliContext): Promise<number> {
  const options = parseStartOptions(command.opts<StartValues>(), env)
  const { runService } = await import('../start/run-service.ts')
  return await runService(options)
}
