/**
 * Builds the npm package in dist/package: bundled JavaScript, types, the functions' bundles, and a manifest of its own.
 * Run as `npm run build`; in the repository itself nothing needs it.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { COPIED } from '../demo/files.ts'
import { type Bundle, bundleFunctions } from './bundle.ts'
import { bundleCode } from './package/bundle-code.ts'
import { ROOT } from './package/entries.ts'
import { importedPackages, packageManifest } from './package/manifest.ts'
import { thirdPartyNotices } from './package/third-party-notices.ts'
import { writeTypes } from './package/write-types.ts'

const DOCUMENTS = ['README.md', 'LICENSE', 'CHANGELOG.md']

/** Builds the package in a folder, which is emptied first; returns the folder. */
export async function buildPackage(folder = join(ROOT, 'dist', 'package')): Promise<string> {
  rmSync(folder, { recursive: true, force: true })
  const dist = join(folder, 'dist')
  mkdirSync(dist, { recursive: true })
  const bundles = await bundleFunctions(join(dist, 'functions'))
  const reports = await bundleCode(dist)
  const imported = new Set([...importedPackages(reports), ...writeTypes(dist)])
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(folder, name))
  const demoFiles = join(folder, 'demo', 'files')
  for (const name of COPIED) cpSync(join(ROOT, name), join(demoFiles, name), { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('THIRD-PARTY-NOTICES.txt', thirdPartyNotices([...reports, ...bundles.map(takeReport)]))
  const { exports, ...rest } = packageManifest(imported)
  write('package.json', textOf({ ...rest, exports }))
  // The demo reads its copy like any text, and tools read it as a manifest, in which exports would mean nothing.
  writeFileSync(join(demoFiles, 'package.json'), textOf(rest))
  return folder
}

const textOf = (manifest: object) => `${JSON.stringify(manifest, null, 2)}\n`

/** esbuild's report of a function's bundle, which Lambda has no use for. */
function takeReport({ file }: Bundle): Metafile {
  const report = join(file, '..', 'meta.json')
  const metafile = JSON.parse(readFileSync(report, 'utf8')) as Metafile
  rmSync(report)
  return metafile
}

if (import.meta.main) console.log(await buildPackage())
