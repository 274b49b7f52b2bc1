import type { Command } from 'commander'
import type { CliContext } from '../command.ts'
import { DATA_DEFAULT, PORT_DEFAULT, parseStartOptions, type StartValues } from '../start/start-options.ts'

const ENVIRONMENT = `
Environment:
  PUSHPOOL_TASK_API_KEY=<key>      API key for tasks, set as PREFECT_API_KEY and PUSHPOOL_API_KEY
  PUSHPOOL_LOG=json                log as JSON
  DYNOXIDE_BIN=<file>              use this dynoxide binary
  AWS_ENDPOINT_URL_DYNAMODB=<url>  use this DynamoDB-compatible engine; none is started`

export function define(command: Command): void {
  command
    .description('Runs pushpool on this machine: its API on loopback, its ECS tasks as child processes.')
    .option('--port <port>', `port to listen on; 0 takes a free one (PORT; default ${PORT_DEFAULT})`)
    .option('--data <folder>', `data folder (PUSHPOOL_DATA; default ./${DATA_DEFAULT})`)
    .option('--require-keys', 'require API keys; see pushpool key create (PUSHPOOL_REQUIRE_KEYS=true)')
    .addHelpText('after', ENVIRONMENT)
}

export async function run(command: Command, { env }: CliContext): Promise<number> {
  const options = parseStartOptions(command.opts<StartValues>(), env)
  const { runService } = await import('../start/run-service.ts')
  return await runService(options)
}
