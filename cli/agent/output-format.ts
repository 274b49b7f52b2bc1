import type { Command } from 'commander'
import { UsageError } from '../usage-error.ts'

/** Declares how to print what is read. */
export function defineOutput(command: Command): Command {
  return command.option('-o, --output <format>', 'json, for programs')
}

/** Whether JSON is wanted. Throws UsageError. */
export function wantsJson(output: string | undefined): boolean {
  if (output !== undefined && output !== 'json') throw new UsageError(`Invalid --output '${output}' (json).`)
  return output === 'json'
}
