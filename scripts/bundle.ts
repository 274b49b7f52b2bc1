/**
 * Bundles each Lambda function with the SDK it uses: importing it from few files is faster than from the runtime's copy,
 * and its version is ours. Run as `npm run bundle`.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { FUNCTION_NAMES, type FunctionName } from '#shared/config.ts'
import { documentsBeside, withoutDocumentation } from './bundle/documents.ts'
import { leftOut } from './bundle/left-out.ts'
import { namedErrorsOnly } from './bundle/named-errors.ts'
import { versionsOnly } from './bundle/versions-only.ts'

const ROOT = join(import.meta.dirname, '..')
const ENTRY = 'index.mjs'

export interface Bundle {
  name: FunctionName
  /** Absolute path of the bundle's entry, which exports `handler`. */
  file: string
  /** Of all its code. */
  bytes: number
  /** Of the code that its import loads; the rest is loaded when it is first needed. */
  importedBytes: number
}

/**
 * Bundles all functions, each into a folder `dist/functions/<name>` of its own: `index.mjs`, files with what is not needed
 * at once, source maps, documents, and esbuild's report.
 */
export async function bundleFunctions(outputFolder = join(ROOT, 'dist', 'functions')): Promise<Bundle[]> {
  return await Promise.all(FUNCTION_NAMES.map((name) => bundleFunction(name, join(outputFolder, name))))
}

async function bundleFunction(name: FunctionName, folder: string): Promise<Bundle> {
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
