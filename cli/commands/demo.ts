import type { Command } from 'commander'

export function define(command: Command): void {
  command.description('Starts a service, sends 18 commands through a push pool with limits, and checks the results.')
}

export async function run(): Promise<number> {
  const { runDemo } = await import('../../demo/run-demo.ts')
  return await runDemo()
}
