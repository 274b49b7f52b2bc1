import type { Command } from 'commander'
import { type ListenAddress, parseListenAddress } from '../../agent/listen-address.ts'
import type { CliContext } from '../../command.ts'
import { CliError, EXIT_CODE } from '../../exit-code.ts'
import { UsageError } from '../../usage-error.ts'

const EXAMPLES = `
Examples:
  pushpool agent health --addr 127.0.0.1:8089`
const TIMEOUT_MS = 5_000

export function define(command: Command): void {
  command
    .description(
      'Asks the agent on this host for its health; exits with 1 unless it is well. For HEALTHCHECK of Docker.',
    )
    .option('--addr <host:port>', "the agent's --health-addr (PUSHPOOL_AGENT_HEALTH_ADDR)")
    .addHelpText('after', EXAMPLES)
}

export async function run(command: Command, { env, out }: CliContext): Promise<number> {
  const given = command.opts<{ addr?: string }>().addr ?? (env.PUSHPOOL_AGENT_HEALTH_ADDR || undefined)
  if (given === undefined) throw new UsageError('Name the address with --addr or PUSHPOOL_AGENT_HEALTH_ADDR.')
  const { status, text } = await ask(parseListenAddress('--addr', given), given)
  out(text.endsWith('\n') ? text : `${text}\n`)
  return status === 200 ? EXIT_CODE.done : EXIT_CODE.failed
}

/** An address to listen on everywhere is asked here. */
async function ask({ host, port }: ListenAddress, shown: string): Promise<{ status: number; text: string }> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}/healthz`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    const message = `No agent answers at ${shown}. Is it started with --health-addr ${shown}?`
    throw new CliError(EXIT_CODE.failed, message, { cause: error })
  }
}
