import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..', '..')

/** A function's code as bundled, but with names kept: what it does not use is not in it. */
export async function bundledCode(name: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('functions', name, 'lambda.ts')],
    bundle: true,
    // As in the bundles; in a single file, lazily loaded modules would be inside functions, and look different.
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
