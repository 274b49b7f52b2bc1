import type { Outputs } from './cdk.ts'
import type { Emulator } from './emulator.ts'
import { run } from './program.ts'

/** Creates the first API key with the command that the stack prints. */
export async function firstKey(emulator: Emulator, { FirstKey }: Pick<Outputs, 'FirstKey'>): Promise<string> {
  const [program = '', ...args] = FirstKey.split(' ')
  const printed = await run(emulator, program, args)
  const key = /pp_[0-9a-f]{18}_[\w-]{43}/.exec(printed)?.[0]
  if (!key) throw new Error(`${FirstKey} printed no key: ${printed}`)
  return key
}
