import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { versionsOnly } from '../bundle/versions-only.ts'
import { COMMON_JS, ENTRIES, PROGRAM, ROOT } from './entries.ts'

/**
 * What is not bundled. The types of the contract and of the construct are made of zod's and CDK's, so their user and we
 * must mean the same copy; the engine is a binary for each platform. Everything else is inside: little to install, and
 * few files to read at the start of the program.
 */
const EXTERNAL = ['zod', 'aws-cdk-lib', 'constructs', '@dynoxide/*']

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node22.12',
  external: EXTERNAL,
  mainFields: ['module', 'main'],
  plugins: [versionsOnly],
  // The SDK's errors are known by the names of their classes, and stack traces can be read without maps.
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

/** Bundles the exports and the program into a folder; returns esbuild's reports of what is in them. */
export async function bundleCode(folder: string): Promise<Metafile[]> {
  const modules = ENTRIES.filter(({ name }) => name !== COMMON_JS)
  const entryPoints = Object.fromEntries([...modules, PROGRAM].map(({ name, source }) => [name, source]))
  const esm = await build({
    ...OPTIONS,
    entryPoints,
    outdir: folder,
    format: 'esm',
    // Commands are in files of their own, so that a call loads the one that it names.
    splitting: true,
    chunkNames: '[name]-[hash]',
  })
  const construct = await build({
    ...OPTIONS,
    entryPoints: ENTRIES.filter(({ name }) => name === COMMON_JS).map(({ source }) => source),
    outfile: join(folder, `${COMMON_JS}.cjs`),
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
  })
  chmodSync(join(folder, `${PROGRAM.name}.js`), 0o755)
  return [esm.metafile, construct.metafile]
}
