/**
 * Bundles each Lambda function with the SDK it uses: importing it from few files is faster than from the runtime's copy,
 * and its version is ours. Run as `npm run bundle`.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { documentsBeside, withoutDocumentation } from './bundle/documents.ts'
import { leftOut } from './bundle/left-out.ts'
import { namedErrorsOnly } from './bundle/named-errors.ts'

const ROOT = join(import.meta.dirname, '..')
/** The functions, by the names of their entries. */
export const BUNDLES = ['api', 'authorizer', 'dispatcher', 'task-events', 'sweeper'] as const

const ENTRY = 'index.mjs'

export interface Bundle {
  name: (typeof BUNDLES)[number]
  /** Absolute path of the bundle's entry, which exports `handler`. */
  file: string
  /** Of all its code. */
  bytes: number
  /** Of the code that its import loads; the rest is loaded when it is first needed. */
  importedBytes: number
}

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

/**
 * Bundles all functions, each into a folder `dist/functions/<name>` of its own: `index.mjs`, files with what is not needed
 * at once, source maps, documents, and esbuild's report.
 */
export async function bundleFunctions(outputFolder = join(ROOT, 'dist', 'functions')): Promise<Bundle[]> {
  return await Promise.all(BUNDLES.map((name) => bundleFunction(name, join(outputFolder, name))))
}

async function bundleFunction(name: Bundle['name'], folder: string): Promise<Bundle> {
  // Files of an earlier bundle have names of their own, and would be deployed with these.
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: join('functions', name, 'lambda.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    // All files in one folder, as documents and stack traces want it.
    chunkNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    plugins: [leftOut, namedErrorsOnly(ROOT), versionsOnly, documentsBeside(folder), withoutDocumentation],
    sourcemap: 'linked',
    // For stack traces; with the sources in them the maps would be three times as large.
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  })
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(metafile))
  return { name, file: join(folder, ENTRY), ...sizesOf(metafile) }
}

function sizesOf({ outputs }: Metafile): { bytes: number; importedBytes: number } {
  const code = Object.entries(outputs).filter(([file]) => file.endsWith('.mjs'))
  const imported = new Set(code.filter(([file]) => basename(file) === ENTRY).map(([file]) => file))
  // A set hands out what is added to it on the way.
  for (const file of imported) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') imported.add(path)
  }
  const sum = (bytes: number, [, output]: (typeof code)[number]) => bytes + output.bytes
  return {
    bytes: code.reduce(sum, 0),
    importedBytes: code.filter(([file]) => imported.has(file)).reduce(sum, 0),
  }
}

if (import.meta.main) {
  for (const { name, file, bytes, importedBytes } of await bundleFunctions()) {
    const sizes = `${String(bytes).padStart(7)} bytes, ${String(importedBytes).padStart(7)} at its start`
    console.log(`${name.padEnd(12)} ${sizes}  ${relative(ROOT, file)}`)
  }
}
