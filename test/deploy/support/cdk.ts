import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Emulator } from './emulator.ts'
import { run } from './program.ts'

/** The stack's outputs. */
export interface Outputs {
  ApiUrl: string
  FirstKey: string
  TableName: string
  ClusterArn: string
  TaskLogGroup: string
}

/**
 * Bundles the functions and synthesizes the stack, of this repository or by another command, as a disposable one. Returns
 * the folder of the result for the other commands, so that the stack is synthesized once.
 */
export async function synthesize(emulator: Emulator, app?: string): Promise<string> {
  const folder = mkdtempSync(join(emulator.folder, 'cdk-'))
  const other = app ? ['--app', app] : []
  await run(emulator, 'cdk', ['synth', '--quiet', '--context', 'throwaway=true', ...other, '--output', folder])
  return folder
}

/** Creates what CDK itself needs in the account. */
export async function bootstrap(emulator: Emulator, folder: string): Promise<void> {
  await run(emulator, 'cdk', ['bootstrap', '--app', folder])
}

/** Deploys a synthesized stack; returns its outputs. */
export async function deploy(emulator: Emulator, folder: string): Promise<Outputs> {
  const file = join(folder, 'outputs.json')
  await run(emulator, 'cdk', ['deploy', '--app', folder, '--require-approval', 'never', '--outputs-file', file])
  const { pushpool } = JSON.parse(readFileSync(file, 'utf8')) as { pushpool: Outputs }
  return pushpool
}

/** The types of the resources that a deployment would create, change or delete. */
export async function differences(emulator: Emulator, folder: string): Promise<string[]> {
  const printed = await run(emulator, 'cdk', ['diff', '--app', folder])
  return [...new Set(Array.from(printed.matchAll(/^\[[-+~]\] (AWS::\S+)/gm), ([, type = '']) => type))]
}

/** Destroys the stack. */
export async function destroy(emulator: Emulator, folder: string): Promise<void> {
  await run(emulator, 'cdk', ['destroy', '--app', folder, '--force'])
}
