import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleCode } from '../../scripts/package/bundle-code.ts'

/**
 * Builds the program as the package has it, which people run, and answers its file: there is little to read at its start,
 * and no types to strip. The folder must be below this repository's modules, of which it imports some.
 */
export async function buildProgram(folder: string): Promise<string> {
  const dist = join(folder, 'package', 'dist')
  await bundleCode(dist)
  writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify({ type: 'module' }))
  return join(dist, 'pushpool.js')
}
