import type { Command } from 'commander'
import { runWatcher } from '#shared/process/watcher/run-watcher.ts'

export function define(command: Command): void {
  command.description('Ends what an agent started, when the agent is gone. Agents call it.')
}

export async function run(): Promise<void> {
  await runWatcher()
}
