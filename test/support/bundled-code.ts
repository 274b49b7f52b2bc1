import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..', '..')

/** A function's code as it is bundled, but with its names: what it does not use is not in it. */
export async function bundledCode(name: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('functions', name, 'lambda.ts')],
    bundle: true,
    // As in the bundles; in one file, modules that are loaded later would be inside functions, and look otherwise.
    splitting: true,
    outdir: 'bundled',
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    logLevel: 'error',
  })
  return outputFiles.map(({ text }) => text).join('\n')
}
