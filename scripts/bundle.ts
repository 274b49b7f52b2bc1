/**
 * Bundles each Lambda function with the SDK it uses: importing it from one file is faster than from the runtime's copy, and
 * its version is ours. Run as `npm run bundle`.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { documentsBeside, withoutSummaries } from './bundle/documents.ts'
import { leftOut } from './bundle/left-out.ts'
import { namedErrorsOnly } from './bundle/named-errors.ts'

const ROOT = join(import.meta.dirname, '..')
/** The functions, by the names of their entries. */
export const BUNDLES = ['api', 'authorizer', 'dispatcher', 'task-events', 'sweeper'] as const

export interface Bundle {
  name: (typeof BUNDLES)[number]
  /** Absolute path of the bundle, which exports `handler`. */
  file: string
  bytes: number
}

/** CommonJS packages call require, which ES modules lack. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** Of a package's manifest nothing but its version is read, for the user agent; the rest would be 2 KB for each client. */
const versionsOnly: Plugin = {
  name: 'versions-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** Bundles all functions into `dist/functions/<name>/index.mjs`, with source map, metafile and documents beside it. */
export async function bundleFunctions(outputFolder = join(ROOT, 'dist', 'functions')): Promise<Bundle[]> {
  return await Promise.all(BUNDLES.map((name) => bundleFunction(name, join(outputFolder, name, 'index.mjs'))))
}

async function bundleFunction(name: Bundle['name'], file: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join('functions', 'lambda', `${name}.ts`)],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    plugins: [leftOut, namedErrorsOnly(ROOT), versionsOnly, documentsBeside(dirname(file)), withoutSummaries],
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  })
  writeFileSync(join(dirname(file), 'meta.json'), JSON.stringify(metafile))
  return { name, file, bytes: statSync(file).size }
}

if (import.meta.main) {
  for (const { name, file, bytes } of await bundleFunctions()) {
    console.log(`${name.padEnd(12)} ${String(bytes).padStart(7)} bytes  ${relative(ROOT, file)}`)
  }
}
