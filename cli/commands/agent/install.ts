import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parseAgentSettings } from '../../agent/settings.ts'
import { type AgentValues, defineAgent } from '../../agent/start-values.ts'
import { systemdUnit } from '../../agent/systemd-unit.ts'
import type { CliContext } from '../../command.ts'
import { UsageError } from '../../usage-error.ts'

const EXAMPLES = `
Examples:
  pushpool agent install --systemd -q prio1 -q prio2 --limit 4 > pushpool-agent.service
  pushpool agent install --systemd --user -p machines --drain-timeout 30m`

/** Options that name files, which a unit must name from the root. */
const FILES = new Set(['apiKeyFile', 'workDir', 'stateDir'])
const OWN = new Set(['systemd', 'user'])

export function define(command: Command): void {
  command
    .description("Prints a unit for systemd that runs 'pushpool agent start' with the same options.")
    .option('--systemd', 'a unit for systemd, the one kind there is')
    .option('--user', "for your own units instead of the system's")
    .addHelpText('after', EXAMPLES)
  defineAgent(command)
}

export async function run(command: Command, { out }: CliContext): Promise<void> {
  const values = command.opts<AgentValues & { systemd?: boolean; user?: boolean }>()
  if (!values.systemd) throw new UsageError('Add --systemd: units for systemd are what can be printed.')
  // What the environment says here says nothing of where the unit will run.
  const settings = parseAgentSettings(values, command.args[0], {})
  const program = [process.execPath, realpathSync(process.argv[1] ?? ''), 'agent', 'start']
  out(
    systemdUnit({
      command: [...program, ...wordsOf(command)],
      user: values.user ?? false,
      namesApi: settings.apiUrl !== undefined,
      drainTimeoutSeconds: settings.drainTimeoutSeconds,
      killGraceSeconds: settings.killGraceSeconds,
    }),
  )
}

/** The options as words again; the argument comes last. */
function wordsOf(command: Command): string[] {
  const values = command.opts<Record<string, string | string[] | boolean>>()
  const words = command.options.flatMap((option) => {
    const name = option.attributeName()
    const value = values[name]
    if (value === undefined || OWN.has(name)) return []
    if (typeof value === 'boolean') return [option.long ?? '']
    const texts = typeof value === 'string' ? [value] : value
    return texts.flatMap((text) => [option.long ?? '', FILES.has(name) ? resolve(text) : text])
  })
  return [...words, ...command.args]
}
